"""The forms of channels that have them: the same questions as in the chat, on one page."""

from collections.abc import Mapping

from bot.messages import Choice, Form, FormField, Submitted
from bot.wording import Wording
from knowledge.contacts import mask_contacts
from knowledge.snapshot import Snapshot

FEWEST = 3
"""Words of a need or an offer that can be understood."""
READERS = ("governments", "all", "secretariat")


class Forms:
    """Writes forms out and checks what was entered."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def form(self, name: str, lang: str, know: Snapshot) -> Form:
        """Return the form of a need or an offer; only its words are required."""
        themes = tuple(Choice(theme.id, theme.name.in_(lang)) for theme in know.vocabulary.themes.values())
        readers = tuple(Choice(reader, self._word(f"readers_{reader}", lang)) for reader in READERS)
        return Form(
            name=name,
            lang=lang,
            title=self._word(f"{name}_title", lang),
            submit=self._word("submit", lang),
            close=self._word("close", lang),
            fields=(
                FormField("text", self._word(f"{name}_text", lang), multiline=True, required=True),
                FormField("theme", self._word("theme", lang), options=themes),
                FormField("readers", self._word("readers", lang), options=readers, value="governments"),
            ),
        )

    def errors(self, submitted: Submitted, lang: str) -> Mapping[str, str]:
        """Return what is wrong with each field, empty when the form can be taken."""
        text = submitted.values.get("text", "")
        hidden = mask_contacts(text).kinds
        if hidden:
            return {"text": self._word(f"no_{min(hidden)}", lang)}
        if len(text.split()) < FEWEST and len(text.strip()) < 2 * FEWEST:
            return {"text": self._word("too_short", lang)}
        return {}

    def _word(self, name: str, lang: str) -> str:
        return self._wording.text(f"forms/{name}", lang)
