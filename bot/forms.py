"""The forms of channels that have them: the same questions as in the chat, on one page."""

from collections.abc import Mapping, Sequence

from bot.dialogue import Saying, say
from bot.dialogues.forgetme import is_confirmed, told
from bot.dialogues.link import to_email
from bot.forgetting import Going
from bot.links import DIGITS, digits_in, proof_in
from bot.markup import plain
from bot.messages import Choice, Form, FormField, Heard, Immediate, Submitted
from bot.wording import Wording
from knowledge.contacts import mask_contacts
from knowledge.snapshot import Snapshot

FEWEST = 3
"""Words of a need or an offer that can be understood."""
READERS = ("governments", "all", "secretariat")
LINK, FORGET = "link", "forgetme"
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

    def form(self, name: str, lang: str, know: Snapshot) -> Form:
        """Return the form of a need or an offer, whose words alone are required, or the one by which people link."""
        if name == LINK:
            email = FormField("email", self._word("link_email", lang), required=True)
            return self._form(LINK, lang, "link_submit", (email,))
        themes = tuple(Choice(theme.id, theme.name.in_(lang)) for theme in know.vocabulary.themes.values())
        readers = tuple(Choice(reader, self._word(f"readers_{reader}", lang)) for reader in READERS)
        fields = (
            FormField("text", self._word(f"{name}_text", lang), multiline=True, required=True),
            FormField("theme", self._word("theme", lang), options=themes),
            FormField("readers", self._word("readers", lang), options=readers, value="governments"),
        )
        return self._form(name, lang, "submit", fields)

    def forgetme(self, going: Going, lang: str, know: Snapshot) -> Form:
        """Return the form that says what deleting changes, and has the word typed."""
        what = self._wording.card(say("forgetme/what", asks=True, **told(going)), lang, "", know)
        word = FormField("word", self._word("forgetme_word", lang), required=True)
        return self._form(FORGET, lang, "forgetme_submit", (word,), plain(what.body))

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

    def errors(self, submitted: Submitted, lang: str) -> Mapping[str, str]:
        """Return what is wrong with each field, empty when the form can be taken."""
        if submitted.form == LINK:
            return self._link_errors(submitted.values, lang)
        if submitted.form == FORGET:
            confirmed = is_confirmed(submitted.values.get("word", ""))
            return {} if confirmed else {"word": self._wording.text("forgetme/again", lang)}
        text = submitted.values.get("text", "")
        hidden = mask_contacts(text).kinds
        if hidden:
            return {"text": self._word(f"no_{min(hidden)}", lang)}
        if len(text.split()) < FEWEST and len(text.strip()) < 2 * FEWEST:
            return {"text": self._word("too_short", lang)}
        return {}

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
