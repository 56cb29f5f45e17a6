"""The survey on modalities of cooperation: its questions, and which of them follow from the answers before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from knowledge.vocabulary import Localised

Kind = Literal["choice", "several", "scale", "text"]
SCALE = ("1", "2", "3", "4", "5")
"""What a question of the kind scale is answered with."""
Value = str | list[str]
"""An answer: the id of an option, several of them, or words."""
Answers = Mapping[str, Value]
"""Maps the id of a question to its answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """
    A question; *options* maps the ids of a choice, or of several, to what they are called.

    It is asked only where the answer to the question *after* is one of *only_if*. One about a *need* is answered in
    words that can be registered as one. A *sample* question is made up.
    """

    id: str
    kind: Kind
    text: Localised
    options: Mapping[str, Localised] = field(default_factory=dict)
    after: str | None = None
    only_if: tuple[str, ...] = ()
    need: bool = False
    sample: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """Return what it can be answered with; nothing where in words."""
        return SCALE if self.kind == "scale" else tuple(self.options)

    def takes(self, value: Value) -> bool:
        """Tell whether *value* is an answer to it."""
        match self.kind, value:
            case "several", list():
                return bool(value) and len(set(value)) == len(value) and set(value) <= set(self.values)
            case "text", str():
                return bool(value.strip())
            case "choice" | "scale", str():
                return value in self.values
            case _:
                return False

    def is_asked(self, answers: Answers) -> bool:
        """Tell whether it is asked after *answers*."""
        if self.after is None:
            return True
        given = answers.get(self.after, [])
        return not set(self.only_if).isdisjoint([given] if isinstance(given, str) else given)


def asked(questions: Sequence[Question], answers: Answers) -> list[Question]:
    """Return the questions that are asked after *answers*, in their order; what a branch leaves out is not answered."""
    left: dict[str, Value] = {}
    found: list[Question] = []
    for question in questions:
        if question.is_asked(left):
            found.append(question)
            if question.id in answers:
                left[question.id] = answers[question.id]
    return found
