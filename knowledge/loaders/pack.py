"""A pack: the folder with everything that the secretariat tells the assistant."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from knowledge.catalogue import Practice, Provider
from knowledge.forum import Entry, Forum, Programme, Room
from knowledge.loaders import catalogue, faq, forum, meeting_places, survey, vocabulary, working_groups
from knowledge.meeting_places import MeetingPlace
from knowledge.problems import Findings, PackRefused, Problem, instead
from knowledge.survey import Question
from knowledge.vocabulary import Vocabulary
from knowledge.working_groups import WorkingGroup

MORE = (meeting_places.TABLES, working_groups.GROUPS, survey.SURVEY)
FILES = (*forum.FILES, *MORE, *catalogue.FILES, *vocabulary.FILES)
OPTIONAL = frozenset({*MORE, vocabulary.SECTORS})
FREE = "README.md"
"""May lie in any folder of a pack; it is for people and not kept."""
IGNORED = frozenset({"__init__.py", "__pycache__", "Thumbs.db", "desktop.ini"})
FOLDERS = (faq.FOLDER, "catalogue/", "catalogue/vocab/")


@dataclass(frozen=True)
class Pack:
    """What a pack says, and the files that say it."""

    files: Mapping[str, bytes] = field(repr=False)
    """Maps a name within the pack ("faq/wifi.md") to the file as it was."""
    digest: str
    """Changes with any file; 64 hexadecimal digits."""
    forum: Forum
    rooms: Mapping[str, Room]
    programme: Programme
    entries: Mapping[str, Entry]
    vocabulary: Vocabulary
    providers: Mapping[str, Provider]
    practices: Mapping[str, Practice]
    places: Mapping[str, MeetingPlace]
    groups: Mapping[str, WorkingGroup]
    survey: tuple[Question, ...]

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Pack":
        """Return the pack made of *files*; raise PackRefused with all that is wrong in any."""
        found = Findings()
        kept = _part_of_a_pack(files, found)
        event = forum.forum(kept, found)
        words = vocabulary.vocabulary(kept, found)
        rooms = forum.rooms(kept, found)
        sessions = forum.programme(kept, found, event, rooms)
        places = meeting_places.places(kept, found, event, rooms)
        ids = [session.id for session in sessions]
        groups = working_groups.groups(kept, found, words.themes, ids)
        entries = faq.entries(kept, found)
        providers = catalogue.providers(kept, found, words)
        practices = catalogue.practices(kept, found, words, providers)
        questions = survey.questions(kept, found)
        if event is None or len(found):
            raise PackRefused(found)
        about = (event, rooms, sessions, entries, words, providers, practices, places, groups, questions)
        return cls(kept, _digest(kept), *about)


def read_pack(folder: Path | Traversable) -> Pack:
    """Return the pack in *folder*; raise PackRefused with every problem of every file."""
    if not folder.is_dir():
        wrong, right = "there is no such folder", "name the folder of a pack"
        raise PackRefused([Problem(str(folder), None, None, wrong, right)])
    return Pack.from_files(dict(_files(folder, "")))


def _files(folder: Traversable, way: str) -> Iterator[tuple[str, bytes]]:
    """Yield what lies in the folders of a pack; a folder that is none yields its name alone."""
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        name = f"{way}{item.name}"
        if item.name in IGNORED or item.name.startswith((".", "~")):
            continue
        if not item.is_dir():
            yield name, item.read_bytes()
        elif f"{name}/" in FOLDERS:
            yield from _files(item, f"{name}/")
        else:
            yield f"{name}/", b""


def _part_of_a_pack(files: Mapping[str, bytes], found: Findings) -> dict[str, bytes]:
    """Return the files that make up a pack, without what is for people; note all others."""
    kept: dict[str, bytes] = {}
    for name in sorted(files):
        if name in FILES or _is_entry(name):
            kept[name] = files[name]
        elif PurePosixPath(name).name != FREE:
            what = "folder" if name.endswith("/") else "file"
            found.add(name, None, None, wrong=f"this {what} is not part of a pack", right=_place(name))
    for name in FILES:
        if name not in files and name not in OPTIONAL:
            right = "add it; the README says what stands in it"
            found.add(name, None, None, wrong="the file is missing", right=right)
    return kept


def _is_entry(name: str) -> bool:
    return PurePosixPath(name).match(f"{faq.FOLDER}*.md") and PurePosixPath(name).name != FREE


def _place(name: str) -> str:
    if name.startswith(faq.FOLDER):
        return "an entry is a file like faq/lost_badge.md"
    return instead(name, FILES)


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
