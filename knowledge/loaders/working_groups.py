"""groups.yaml: the working groups; a pack can do without it."""

from collections.abc import Collection, Mapping

from knowledge.loaders.csv import unique
from knowledge.loaders.fields import Fields
from knowledge.loaders.yaml import mappings
from knowledge.problems import Findings
from knowledge.vocabulary import LANGUAGES, Localised
from knowledge.working_groups import WorkingGroup

GROUPS = "groups.yaml"
FIELDS = ("id", "name.*", "theme", "session", "public.*", "members.*")


def groups(
    files: Mapping[str, bytes], found: Findings, themes: Collection[str], sessions: Collection[str]
) -> dict[str, WorkingGroup]:
    """Return the groups by id, in the order of groups.yaml; none without the file."""
    seen: dict[str, int | None] = {}
    table: dict[str, WorkingGroup] = {}
    for fields in mappings(GROUPS, files.get(GROUPS), found, fields=FIELDS):
        group = WorkingGroup(
            id=fields.id(),
            name=fields.localised("name.{}"),
            theme=fields.one_of("theme", themes, "the id of a theme"),
            session=fields.maybe_one_of("session", sessions, "the id of a session"),
            public=_maybe(fields, "public.{}"),
            for_members=_maybe(fields, "members.{}"),
        )
        if unique(fields, "id", group.id, seen):
            table[group.id] = group
    return table


def _maybe(fields: Fields, columns: str) -> Localised | None:
    """Return a text that may be missing, but not in some of the languages only."""
    if not any(fields.optional(columns.format(lang)) for lang in LANGUAGES):
        return None
    return fields.localised(columns)
