"""The secretariat's own words: a few fields and conditions, and nothing else of the template language."""

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.markup import plain, spans
from bot.own_text import FIELDS, LONGEST_SOURCE, WIDEST, read

EVERYONE = {"name": "Ms Tui", "country": "Fiji", "role": "focal point", "role_id": "focal_point"}
PIECES = st.sampled_from(
    [
        *(
            f"{{{{ {name} }}}}"
            for name in (*FIELDS, "loop", "self", "range(9**9)", "name.__class__", "''.join")
        ),
        *("{{ name|default('you') }}", "{% if name %}", "{% elif country == 'Fiji' %}", "{% else %}"),
        *("{% endif %}", "{% for x in name %}", "{% endfor %}", "{% set a = 1 %}", "{% include 'x' %}"),
        *(
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<u>",
            "&lt;",
            "&",
            "<",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "\\",
            "'",
        ),
        *("\n", "\r\n", " ", "a", "я", "会", "\x00", "\ud800", "(" * 300, "not " * 300, "9" * 5000),
        *("{% raw %}", "{% endraw %}", "{{ '\\x' }}", "{{ 9**9**9 }}", "{{ name|default('\\ud800') }}"),
    ]
)


def reasons(text: str) -> list[tuple[int, str]]:
    """Return the line and the beginning of each reason."""
    return [(problem.line, str(problem.reason).partition(";")[0]) for problem in read(text).problems]


def written(text: str, **values: str) -> str:
    found = read(text)
    assert found.problems == ()
    return found.written({name.replace("__", "."): value for name, value in values.items()})


# What is possible


def test_fields_stand_in_the_text() -> None:
    text = "Dear {{ name|default('colleague') }}, {{ session.title }} is in {{ session.room }}."
    assert written(text, name="Ms Tui", session__title="Session 3", session__room="Room D") == (
        "Dear Ms Tui, Session 3 is in Room D."
    )


def test_what_somebody_does_not_have_is_replaced_by_its_default() -> None:
    assert written("Dear {{ name|default('colleague') }},") == "Dear colleague,"


@pytest.mark.parametrize(
    ("test", "right"),
    [
        ("name", True),
        ("not name", False),
        ("country == 'Fiji'", True),
        ("country == 'Tonga'", False),
        ("role == 'focal_point'", True),
        ("role == 'delegate' or country == 'Fiji'", True),
        ("name and not country == 'Fiji'", False),
        ("session.room", False),
    ],
)
def test_conditions_choose(test: str, right: bool) -> None:
    text = f"{{% if {test} %}}yes{{% else %}}no{{% endif %}}"
    assert read(text).written(EVERYONE) == ("yes" if right else "no")


def test_the_first_condition_that_is_true_decides() -> None:
    text = "{% if country == 'Tonga' %}T{% elif country == 'Fiji' %}F{% elif name %}N{% else %}-{% endif %}"
    assert [written(text, **values) for values in ({"country": "Fiji"}, {"name": "x"}, {})] == ["F", "N", "-"]


def test_a_line_that_holds_a_condition_only_leaves_no_empty_line() -> None:
    text = "One\n{% if name %}\nTwo\n{% endif %}\nThree\n\n\n\nFour"
    assert written(text, name="x") == "One\nTwo\nThree\n\nFour"
    assert written(text) == "One\nThree\n\nFour"


def test_values_are_words_and_never_marks_or_conditions() -> None:
    text = "{{ name|default('<i>you</i>') }} & <b>{{ country|default('x') }}</b> 1 < 2"
    markup = written(text, name="<b>{{ country }}</b>", country="A & B")
    assert [(span.text, span.bold, span.italic) for span in spans(markup)] == [
        ("<b>{{ country }}</b> & ", False, False),
        ("A & B", True, False),
        (" 1 < 2", False, False),
    ]
    assert plain(written(text)) == "<i>you</i> & x 1 < 2"


def test_the_fields_that_are_used_are_known_with_their_lines() -> None:
    found = read("Hello\n{% if name %}{{ name }}{% endif %}\n{{ session.day }} {{ session.day }}")
    assert found.fields == {"name": 2, "session.day": 3}


def test_what_is_compared_is_known() -> None:
    found = read("{% if role == 'media' %}\n{% elif country == 'Fiji' or name == 'x' %}{% endif %}")
    assert found.compared == ((1, "role", "media"), (2, "country", "Fiji"), (2, "name", "x"))


def test_a_field_of_the_person_may_stand_wherever_it_is_certain() -> None:
    sure = (
        "{% if name %}{{ name }}{% endif %}",
        "{% if not name %}x{% else %}{{ name }}{% endif %}",
        "{% if name and country %}{{ name }} {{ country }}{% endif %}",
        "{% if not name or not country %}x{% else %}{{ name }} {{ country }}{% endif %}",
        "{% if country == 'Fiji' %}{{ country }}{% elif not name %}x{% else %}{{ name }}{% endif %}",
    )
    assert [reasons(text) for text in sure] == [[]] * len(sure)


# What is refused


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ loop }}", "loop"),
        ("{{ session }}", "session"),
        ("{{ session.id }}", "session.id"),
        ("{{ session.__class__ }}", "session.__class__"),
        ("{{ name.upper }}", "name.upper"),
        ("{{ session.room.upper }}", ".upper"),
        ("{{ session['room'] }}", "[…]"),
        ("{{ name.upper() }}", "(…)"),
        ("{{ range(9) }}", "(…)"),
        ("{{ name|upper }}", "|upper"),
        ("{{ name|default(country) }}", "|default"),
        ("{{ name|default('a', true) }}", "|default"),
        ("{{ name|default('a')|upper }}", "|upper"),
        ("{{ 'words' }}", "words"),
        ("{{ 9 ** 9 }}", "**"),
        ("{{ name ~ country }}", "~"),
        ("{{ [name] }}", "[…]"),
        ("{{ name if name else country }}", "… if … else …"),
        ("{% if name is defined %}{% endif %}", "is defined"),
        ("{% if name != 'x' %}{% endif %}", "!="),
        ("{% if name in 'x' %}{% endif %}", "in"),
        ("{% if name == country %}{% endif %}", "=="),
        ("{% if 'x' == name %}{% endif %}", "=="),
        ("{% if 1 %}{% endif %}", "1"),
        ("{% for x in name %}{% endfor %}", "for"),
        ("{% set x = name %}", "set"),
        ("{% include 'broadcast/words.j2' %}", "include"),
        ("{% import 'broadcast/words.j2' as x %}", "import"),
        ("{% extends 'broadcast/words.j2' %}", "extends"),
        ("{% macro x() %}{% endmacro %}", "macro"),
        ("{% block x %}{% endblock %}", "block"),
        ("{% filter upper %}{% endfilter %}", "filter"),
        ("{% with a = 1 %}{% endwith %}", "with"),
        ("{% autoescape false %}{% endautoescape %}", "autoescape"),
    ],
)
def test_everything_else_is_refused_with_its_line(text: str, what: str) -> None:
    assert reasons(f"Good morning\n{text}") == [(2, f"“{what}” is not possible here")]


def test_what_is_right_is_said() -> None:
    assert str(read("{{ loop }}").problems[0].reason) == (
        "“loop” is not possible here; use only name, country, role, session.title, session.room, session.floor, "
        'session.start, session.end, session.day, if, elif, else, not, and, or, == with a text, and |default("…")'
    )


@pytest.mark.parametrize("text", ["{{ name", "{% if name %}", "{% endif %}", "{% no %}", "{{ }}", "{# x"])
def test_what_cannot_be_read_is_refused_with_its_line(text: str) -> None:
    [(line, reason)] = reasons(f"Good morning\n{text}")
    assert (line, reason.partition(":")[0]) == (2, "this cannot be read")


@pytest.mark.parametrize("text", ["{{ " + "(" * 3000, "{{ " + "9" * 5000 + " }}", "{% if name %}" * 600])
def test_what_is_too_deep_is_refused(text: str) -> None:
    assert [line for line, _ in reasons(text)] == [1]


def test_conditions_in_one_another_have_a_limit() -> None:
    assert reasons("{% if name %}" * 8 + "{% endif %}" * 8) == []
    assert reasons("{% if name %}" * 9 + "{% endif %}" * 9) == [(1, "no more than 8 “if” inside one another")]
    assert reasons(f"{{% if {' or '.join(['name'] * 40)} %}}{{% endif %}}") == []
    assert reasons(f"{{% if {' or '.join(['name'] * 42)} %}}{{% endif %}}") == [
        (1, "no more than 40 conditions in one “if”")
    ]


@pytest.mark.parametrize("field", ["name", "country"])
def test_a_field_that_not_everyone_has_is_refused_where_it_would_leave_a_hole(field: str) -> None:
    other = "country" if field == "name" else "name"
    for text in (
        f"x\n{{{{ {field} }}}}",
        f"x\n{{% if {other} %}}{{{{ {field} }}}}{{% endif %}}",
        f"x\n{{% if {field} or {other} %}}{{{{ {field} }}}}{{% endif %}}",
        f"x\n{{% if {field} %}}y{{% else %}}{{{{ {field} }}}}{{% endif %}}",
    ):
        assert reasons(text) == [(2, f"“{field}” is not known of everyone")]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a\n\n<u>b</u>", 3, "“<u>” is not possible here"),
        ("a\n<a href='https://example.org'>b", 2, "“<a href='https://example.org'>” is not possible here"),
        ("a\n<B>b", 2, "“<B>” is not possible here"),
        ("a\n<b>b\nc", 2, "“<b>” is not closed"),
        ("a\nb</b>", 2, "“</b>” stands where it cannot"),
        ("a\n<b>b <b>c</b>", 2, "“<b>” stands where it cannot"),
        ("<b>a\n<i>b</b></i>", 2, "“</b>” stands where it cannot"),
        ("a\n{% if role %}<b>{% endif %}", 2, "“<b>” is not closed"),
        ("<i>a\n{% if role %}</i>{% endif %}</i>", 2, "“</i>” stands where it cannot"),
    ],
)
def test_marks_are_bold_and_italic_and_closed(text: str, line: int, reason: str) -> None:
    assert (line, reason) in reasons(text)


def test_marks_may_hold_conditions_and_stand_in_one_another() -> None:
    text = "<b>Room <i>D</i>{% if role %}, <i>{{ role }}</i>{% endif %}</b>"
    assert written(text, role="media") == "<b>Room <i>D</i>, <i>media</i></b>"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\ud800"])
def test_a_sign_that_cannot_be_shown_is_refused(sign: str) -> None:
    assert [line for line, _ in reasons(f"a\nb{sign}")] == [2]


def test_a_sign_that_cannot_be_shown_is_refused_in_a_default_too() -> None:
    assert [line for line, _ in reasons(r"{{ name|default('\ud800') }}")] == [1]


def test_all_that_is_wrong_is_said_in_the_order_of_the_lines() -> None:
    text = "{{ name }}\n<u>\n{{ loop }}\n{% for x in y %}{% endfor %}"
    assert [line for line, _ in reasons(text)] == [1, 2, 3, 4]


def test_a_text_longer_than_any_message_is_not_even_read() -> None:
    assert reasons("x" * (LONGEST_SOURCE + 1)) == [(1, f"the text has {LONGEST_SOURCE + 1} characters")]


def test_a_text_with_problems_cannot_be_written_out() -> None:
    with pytest.raises(ValueError, match="problems"):
        read("{{ loop }}").written({})


# How long it may become


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Room D & E", 10),
        ("<b>Room D</b>", 6),
        ("{{ role }}!", WIDEST + 1),
        ("{{ session.title }}!", 10),
        ("{{ session.title|default('Session 12') }}", 10),
        ("{% if name %}1234{% elif country %}12{% else %}123456{% endif %}1", 7),
        ("{% if name %}1234{% endif %}1", 5),
    ],
)
def test_the_length_is_that_of_the_longest_anyone_reads(text: str, length: int) -> None:
    assert read(text).longest({"session.title": "Session 3"}) == length


@pytest.mark.parametrize(
    ("text", "something"),
    [
        ("Hello", True),
        (" \n<b> </b>", False),
        ("{{ role }}", True),
        ("{{ name|default('') }}", False),
        ("{% if name %}Hello{% endif %}", False),
        ("{% if name %}Hello{% else %}Good morning{% endif %}", True),
        ("{% if name %}Hello{% elif country %} {% else %}Good morning{% endif %}", False),
    ],
)
def test_it_is_known_whether_everyone_reads_something(text: str, *, something: bool) -> None:
    assert read(text).says_something is something


# Whatever is typed


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=300))
@example("{{ " + "not " * 1500 + "name }}")
@example("{% if " + " and ".join(["name"] * 600) + " %}{% endif %}")
@example("{% if name %}a" + "{% elif name %}b" * 400 + "{% endif %}")
@example("{{ cycler.__init__.__globals__.os.popen('id').read() }}")
@example("{{ ''.__class__.__mro__[1].__subclasses__() }}")
@example("{{ name|attr('__class__') }}")
def test_any_text_is_either_refused_or_written_out_for_everyone(text: str) -> None:
    found = read(text)
    if found.problems:
        assert all(problem.line >= 1 and problem.reason for problem in found.problems)
        return
    assert set(found.fields) <= set(FIELDS)
    for some in product([True, False], repeat=2):
        values = {name: value for name, value in EVERYONE.items() if name not in ("name", "country")}
        values |= {
            name: EVERYONE[name] for name, there in zip(("name", "country"), some, strict=True) if there
        }
        markup = found.written(values)
        markup.encode()
        assert len(plain(markup)) <= found.longest(values | EVERYONE)
