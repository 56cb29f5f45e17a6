"""The snapshot of the knowledge that answers now; what is loaded or published takes over without a restart."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import structlog
from sqlmodel import Session

from bot import published
from bot.database import Store
from knowledge import store as packs
from knowledge.loaders.pack import Pack
from knowledge.snapshot import Snapshot
from matching.encoder import KeptEncoder, sentence_encoder

log = structlog.get_logger()

LOOK = 1.0
"""Seconds between two looks at which pack is active, and what is published, where nobody tells."""


class Snapshots:
    """Holds the snapshot of the active pack, and of what the secretariat has published besides."""

    def __init__(self, store: Store, current: Snapshot) -> None:
        self._store = store
        self._told = asyncio.Event()
        self.current = current

    def look(self) -> None:
        """Have `watch` look now: somebody has loaded a pack."""
        self._told.set()

    async def watch(self) -> None:
        """Take over each pack that is loaded, until cancelled."""
        # Names in all languages take a while, and nobody has typed one yet.
        await asyncio.to_thread(lambda: self.current.vocabulary.country_names)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._told.wait()
            self._told.clear()
            try:
                await asyncio.to_thread(self.refresh)
            except Exception:
                log.exception("snapshot_not_refreshed")

    def refresh(self) -> bool:
        """Build the snapshot of what is active and published unless it answers already; tell whether it was built."""
        digest, edition = self._store.read(_state)
        if digest is None or (digest, edition) == (self.current.version, self.current.edition):
            return False
        pack = self._store.read(packs.active)
        if pack is None:
            return False
        self.current = ready(snapshot_of(pack, self._store), self._store)
        log.info("pack_active", version=self.current.version[:12])
        return True


def _state(session: Session) -> tuple[str | None, str]:
    return packs.active_digest(session), published.version(session)


class StoredVectors:
    """The vectors of a pack's texts in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str, digests: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors kept for *digests*."""
        return self._store.read(lambda session: packs.vectors(session, name, digests))

    def put(self, name: str, vectors: Mapping[str, bytes]) -> None:
        """Keep *vectors*, each under its digest."""
        self._store.write(lambda session: packs.keep_vectors(session, name, vectors)).result()


def snapshot_of(pack: Pack, store: Store) -> Snapshot:
    """Return what *pack* says and was published besides; what was learnt from it before comes from *store*."""
    encoder = sentence_encoder()
    edition, answered = store.read(
        lambda session: (
            published.version(session),
            published.entries(published.published(session), pack.entries),
        )
    )
    return Snapshot.of(
        pack,
        lambda fingerprint: store.read(lambda session: packs.recall(session, fingerprint)),
        KeptEncoder(encoder, StoredVectors(store)) if encoder else None,
        answered,
        edition,
    )


def ready(snapshot: Snapshot, store: Store) -> Snapshot:
    """Return *snapshot* once it has built what every turn asks for; what took time to learn is kept in *store*."""
    return ready_for_questions(snapshot, store).ready_for_needs()


def ready_for_questions(snapshot: Snapshot, store: Store) -> Snapshot:
    """Return *snapshot* once it has built what answers questions; what took time to learn is kept in *store*."""
    answers = snapshot.ready_for_questions().answers
    if store.read(lambda session: packs.recall(session, answers.fingerprint)) is None:
        learnt = answers.intents.learnt()
        store.write(lambda session: packs.remember(session, answers.fingerprint, learnt)).result()
    return snapshot
