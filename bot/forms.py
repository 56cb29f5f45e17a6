"""The forms of channels that have them: the same questions as in the chat, on one page."""

import re
from collections.abc import Mapping, Sequence

from bot.dialogue import Saying
from bot.dialogues.countries import suggested
from bot.dialogues.forgetme import is_confirmed, told, what
from bot.dialogues.link import to_email
from bot.dialogues.survey import FIELD, entered
from bot.forgetting import Going
from bot.links import DIGITS, digits_in, proof_in
from bot.markup import plain
from bot.messages import Choice, Form, FormField, Heard, Immediate, Submitted
from bot.survey_commands import Response
from bot.wording import Wording
from knowledge.contacts import mask_contacts
from knowledge.snapshot import Snapshot
from knowledge.survey import Answers, Question, asked
from knowledge.working_groups import WorkingGroup

FEWEST = 3
"""Words of a need or an offer that can be understood."""
READERS = ("governments", "all", "secretariat")
COUNTRIES = "countries"
"""The field for whom an offer is, looked up while it is typed."""
LINK, FORGET, JOINING, GROUPS, SURVEY = "link", "forgetme", "join", "groups", "survey"
GROUP = re.compile(rf"{GROUPS} (?P<group>\S+) join")
"""The form to join a working group, as the button of the group names it."""
UNDER: Mapping[str, str] = {
    "link/no_address": "email",
    "link/no_mail": "email",
    "link/too_many": "email",
    "link/count": "code",
    "link/wrong": "code",
    "link/expired": "code",
    "link/ended": "code",
    "link/unasked": "code",
}
"""Maps what is said to somebody who is being linked to the field of the form under which it stands."""
FORGOTTEN = "forgetme/done"
"""What is said to somebody who is not known any more."""
ANEW = frozenset({"link/expired", "link/ended", "link/unasked"})
"""After these the form has to be opened anew."""


class Forms:
    """Writes forms out and checks what was entered."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def form(self, name: str, lang: str, know: Snapshot, text: str = "") -> Form:
        """
        Return the form of a need or an offer, whose words alone are required, or the one by which people link.

        *text* is what somebody's message says, from which the need or the offer is made; its author is not kept. In the
        form by which people link it is the address that their channel knows them by.
        """
        if name == LINK:
            known = to_email(text) or ""
            email = FormField("email", self._word("link_email", lang), value=known, required=True)
            return self._form(
                LINK, lang, "link_submit", (email,), self._word("link_known", lang) if known else ""
            )
        if name.startswith(JOINING):
            return self._join(name.partition(" ")[2], lang)
        themes = tuple(Choice(theme.id, theme.name.in_(lang)) for theme in know.vocabulary.themes.values())
        readers = tuple(Choice(reader, self._word(f"readers_{reader}", lang)) for reader in READERS)
        countries = FormField(
            COUNTRIES,
            self._word("countries", lang),
            looked_up=True,
            hint=self._word("countries_any", lang),
        )
        fields = (
            FormField("text", self._word(f"{name}_text", lang), value=text, multiline=True, required=True),
            FormField("theme", self._word("theme", lang), options=themes),
            FormField("readers", self._word("readers", lang), options=readers, value="governments"),
            *((countries,) if name == "offer" else ()),
        )
        return self._form(name, lang, "submit", fields, self._word("taken", lang) if text else "")

    def _join(self, gap: str, lang: str) -> Form:
        """Return the form in which a partner offers to join the pair that lacks what *gap* names."""
        sides = tuple(Choice(one, self._word(one, lang)) for one in ("yes", "no"))
        fields = (
            FormField("gives", self._word("join_gives", lang), multiline=True, required=True),
            FormField("conditions", self._word("join_conditions", lang), multiline=True),
            FormField("call", self._word("join_call", lang), options=sides, value="yes"),
            FormField(
                "gap", self._word("join_gap", lang), options=(Choice(gap, gap),), value=gap, required=True
            ),
        )
        return self._form(JOINING, lang, "submit", fields)

    def group(self, group: WorkingGroup, country: str | None, lang: str, know: Snapshot) -> Form:
        """Return the form in which somebody of *country* asks to be in a working group, *group* unless changed."""
        member = self._wording.text(
            "forms/group_member", lang, country=country and know.vocabulary.world_name(country, lang)
        )
        capacities = (Choice("member", member), Choice("observer", self._word("group_observer", lang)))
        groups = tuple(Choice(one.id, one.name.in_(lang)) for one in know.groups.values())
        fields = (
            FormField(
                "capacity", self._word("group_as", lang), options=capacities, value="member", required=True
            ),
            FormField("group", self._word("group", lang), options=groups, value=group.id, required=True),
        )
        return self._form(GROUPS, lang, "submit", fields, self._word("group_text", lang))

    def survey(self, response: Response, lang: str, know: Snapshot) -> Form:
        """Return the form of the survey: what is asked after the answers that there are, with these in it."""
        questions = asked(know.survey, response.answers)
        sample = any(question.sample for question in questions)
        fields = tuple(self._question(question, response.answers, lang) for question in questions)
        text = self._wording.text("forms/survey_text", lang, sample=sample)
        return self._form(SURVEY, lang, "submit", fields, text)

    def _question(self, question: Question, answers: Answers, lang: str) -> FormField:
        given = answers.get(question.id, "")
        called = {value: value for value in question.values} | {
            value: name.in_(lang) for value, name in question.options.items()
        }
        return FormField(
            FIELD + question.id,
            question.text.in_(lang),
            options=tuple(Choice(value, label) for value, label in called.items()),
            value=given if isinstance(given, str) else " ".join(given),
            multiline=True,
            several=question.kind == "several",
        )

    def forgetme(self, going: Going, lang: str, know: Snapshot) -> Form:
        """Return the form that says what deleting changes, and has the word typed."""
        card = self._wording.card(what(told(going), asks=True), lang, "", know)
        word = FormField("word", self._word("forgetme_word", lang), required=True)
        return self._form(FORGET, lang, "forgetme_submit", (word,), plain(card.body))

    def _form(self, name: str, lang: str, submit: str, fields: tuple[FormField, ...], text: str = "") -> Form:
        title, close = self._word(f"{name}_title", lang), self._word("close", lang)
        return Form(name, lang, title, self._word(submit, lang), close, fields, text)

    def in_place(self, heard: Heard, says: Sequence[Saying], lang: str) -> Immediate | None:
        """Return what the form that was sent shows next, besides or instead of what is said; None: it closes."""
        if not isinstance(heard, Submitted) or heard.form != LINK or not says:
            return None
        last = says[-1]
        words = self._wording.text(last.template, lang, **last.values) if last.template in UNDER else ""
        if words:
            anew = (self._word("link_anew", lang),) if last.template in ANEW else ()
            return Immediate(errors={UNDER[last.template]: " ".join([words.replace("\n", " "), *anew])})
        if last.template == "link/sent":
            code = FormField("code", self._word("link_code", lang), required=True)
            text = self._wording.text(last.template, lang, **last.values)
            return Immediate(form=self._form(LINK, lang, "link_code_submit", (code,), text))
        return None

    def farewell(self, says: Sequence[Saying], lang: str) -> Immediate | None:
        """Return that what a channel remembers somebody by ends, where it is said that they were forgotten."""
        if not any(saying.template == FORGOTTEN for saying in says):
            return None
        return Immediate(self._wording.text("forgetme/ended", lang), ends=True)

    def options(self, name: str, text: str, lang: str, know: Snapshot) -> tuple[Choice, ...]:
        """Return what the field *name* offers for the *text* typed so far, best first; nothing for an unknown field."""
        vocabulary = know.vocabulary
        members = suggested(text, vocabulary, lang) if name == COUNTRIES else ()
        return tuple(Choice(iso3, vocabulary.world_name(iso3, lang)) for iso3 in members)

    def errors(self, submitted: Submitted, lang: str, know: Snapshot) -> Mapping[str, str]:
        """Return what is wrong with each field, empty when the form can be taken."""
        if submitted.form == LINK:
            return self._link_errors(submitted.values, lang)
        if submitted.form == FORGET:
            confirmed = is_confirmed(submitted.values.get("word", ""))
            return {} if confirmed else {"word": self._wording.text("forgetme/again", lang)}
        if submitted.form == JOINING:
            texts = {name: submitted.values.get(name, "") for name in ("gives", "conditions")}
            return {
                name: wrong
                for name, text in texts.items()
                if (wrong := self._wrong(text, lang, name == "gives"))
            }
        if submitted.form == SURVEY:
            wrong = self._word("no_answer", lang)
            given = entered(know.survey, submitted.values)
            return {
                FIELD + question.id: wrong
                for question, value in given
                if value is not None and not question.takes(value)
            }
        if submitted.form == GROUPS:
            there = submitted.values.get("group") in know.groups
            return {} if there else {"group": self._word("no_group", lang)}
        wrong = self._wrong(submitted.values.get("text", ""), lang, required=True)
        chosen = submitted.values.get(COUNTRIES, "").split()
        strange = not all(know.vocabulary.is_member(iso3) for iso3 in chosen)
        return {
            **({"text": wrong} if wrong else {}),
            **({COUNTRIES: self._word("no_member", lang)} if strange else {}),
        }

    def _wrong(self, text: str, lang: str, required: bool) -> str:
        """Return what is wrong with *text*, empty where it can be taken."""
        hidden = mask_contacts(text).kinds
        if hidden:
            return self._word(f"no_{min(hidden)}", lang)
        short = len(text.split()) < FEWEST and len(text.strip()) < 2 * FEWEST
        return self._word("too_short", lang) if required and short else ""

    def _link_errors(self, values: Mapping[str, str], lang: str) -> Mapping[str, str]:
        code, email = values.get("code"), values.get("email", "")
        if code is not None:
            right = len(digits_in(code)) == DIGITS
            return {} if right else {"code": self._word("link_count", lang)}
        if to_email(email) is None and "token" not in proof_in(email):
            return {"email": self._wording.text("link/no_address", lang).replace("\n", " ")}
        return {}

    def _word(self, name: str, lang: str) -> str:
        return self._wording.text(f"forms/{name}", lang)
