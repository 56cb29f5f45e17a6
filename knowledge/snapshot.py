"""All that a pack says, read-only and ready to be asked; one snapshot for each version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from knowledge.answers import Answers, Recall
from knowledge.catalogue import Catalogue, Practice
from knowledge.forum import Entry, Forum, Programme, Room
from knowledge.loaders.pack import Pack
from knowledge.meeting_places import MeetingPlace
from knowledge.sessions import session_names
from knowledge.survey import Question
from knowledge.understand import Understander
from knowledge.vocabulary import Vocabulary
from knowledge.working_groups import WorkingGroup
from matching.encoder import Encoder
from matching.names import Names


@dataclass(frozen=True)
class Snapshot:
    """
    What the assistant knows by heart.

    What takes time to build and is not asked for by everyone is built at its first use. What
    changes by the minute (needs, offers) is not in here.
    """

    version: str
    """The digest of the pack."""
    forum: Forum
    rooms: Mapping[str, Room]
    programme: Programme
    entries: Mapping[str, Entry]
    vocabulary: Vocabulary
    catalogue: Catalogue
    recall: Recall | None = None
    encoder: Encoder | None = None
    """None: letters and words decide alone."""
    places: Mapping[str, MeetingPlace] = field(default_factory=dict)
    """Where delegates can meet, by id."""
    survey: tuple[Question, ...] = ()
    """The questions of the survey, in their order."""
    groups: Mapping[str, WorkingGroup] = field(default_factory=dict)
    """The working groups, by id, in the order in which they are listed."""
    edition: str = ""
    """Changes with what the secretariat has answered since; empty while that is nothing."""

    @classmethod
    def of(
        cls,
        pack: Pack,
        recall: Recall | None = None,
        encoder: Encoder | None = None,
        answered: Mapping[str, Entry] | None = None,
        edition: str = "",
    ) -> "Snapshot":
        """
        Return what *pack* says, and what was *answered* since, by the keys of the entries, in which *edition*.

        *recall* gives what was learnt from it before, so that a start is quick.
        """
        return cls(
            version=pack.digest,
            forum=pack.forum,
            rooms=pack.rooms,
            programme=pack.programme,
            entries={**pack.entries, **(answered or {})},
            vocabulary=pack.vocabulary,
            catalogue=Catalogue(pack.providers, pack.practices, _subregions(pack.vocabulary)),
            recall=recall,
            encoder=encoder,
            places=pack.places,
            groups=pack.groups,
            survey=pack.survey,
            edition=edition,
        )

    def with_programme(self, programme: Programme) -> "Snapshot":
        """Return the same knowledge with another *programme* of the same sessions; what was built is shared."""
        return self._sharing(replace(self, programme=programme))

    def with_practices(self, practices: Iterable[Practice]) -> "Snapshot":
        """Return the same knowledge with *practices* in the catalogue besides; what was built is shared."""
        return self._sharing(replace(self, catalogue=self.catalogue.with_practices(practices)))

    def _sharing(self, other: "Snapshot") -> "Snapshot":
        built = vars(self).keys() - {one.name for one in fields(self)}
        vars(other).update({name: vars(self)[name] for name in built})
        return other

    def prepared(self) -> "Snapshot":
        """Return this once it has built what every turn asks for, so that no turn waits for it."""
        return self.ready_for_questions().ready_for_needs()

    def ready_for_questions(self) -> "Snapshot":
        """Return this once it has built what finds the answer to a question."""
        self.answers.ask("ready")
        return self

    def ready_for_needs(self) -> "Snapshot":
        """Return this once it has built what reads a need and finds partners for it."""
        self.understand("ready")
        if self.encoder:
            self.catalogue.partners.learn(self.encoder)
        return self

    @cached_property
    def answers(self) -> Answers:
        """What finds the entry that a question asks for."""
        return Answers(self.entries, self.rooms, self.recall, self.encoder)

    @cached_property
    def understand(self) -> Understander:
        """What reads a need or an offer out of free text."""
        return Understander(self.vocabulary, self.encoder)

    @cached_property
    def room_names(self) -> Names:
        """The rooms by every name they go by, in all languages."""
        return Names({room.id: (*room.name.values(), *room.aliases, room.id) for room in self.rooms.values()})

    @cached_property
    def session_names(self) -> Names:
        """The sessions by their titles, and parts of them, in all languages."""
        return session_names(self.programme)


def _subregions(vocabulary: Vocabulary) -> dict[str, str]:
    return {c.iso3: c.subregion for c in vocabulary.countries.values() if c.subregion}
