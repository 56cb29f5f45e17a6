"""Packs as they were taken in: one version each, its files as they were, one version active."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint, delete, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler takes its clauses too
from sqlmodel import Field, Session, SQLModel, col, select

from knowledge.loaders.pack import Pack

# Fewer than a database takes as the values of one statement.
AT_ONCE = 500


class PackVersion(SQLModel, table=True):
    """A pack that was loaded at some time."""

    __tablename__ = "pack_version"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True, max_length=64)
    loaded_at: datetime
    active: bool = Field(default=False, index=True)


class PackFile(SQLModel, table=True):
    """One file of a version."""

    __tablename__ = "pack_file"
    __table_args__ = (UniqueConstraint("version_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="pack_version.id", index=True)
    name: str
    content: bytes = Field(sa_type=LargeBinary)


class Learnt(SQLModel, table=True):
    """What took time to learn from a pack's phrasings, under the fingerprint of what it was learnt from."""

    fingerprint: str = Field(primary_key=True, max_length=64)
    content: bytes = Field(sa_type=LargeBinary)


class KeptVector(SQLModel, table=True):
    """What a text of a pack means to an encoder, as half floats, under the digest of the text."""

    __tablename__ = "kept_vector"

    encoder: str = Field(primary_key=True, max_length=64)
    digest: str = Field(primary_key=True, max_length=64)
    content: bytes = Field(sa_type=LargeBinary)


def vectors(session: Session, encoder: str, digests: Sequence[str]) -> dict[str, bytes]:
    """Return the vectors that are kept for *digests*."""
    found: dict[str, bytes] = {}
    for start in range(0, len(digests), AT_ONCE):
        some = digests[start : start + AT_ONCE]
        rows = select(KeptVector.digest, KeptVector.content).where(
            KeptVector.encoder == encoder, col(KeptVector.digest).in_(some)
        )
        found |= dict(session.exec(rows).all())
    return found


def keep_vectors(session: Session, encoder: str, made: Mapping[str, bytes]) -> None:
    """Keep the vectors *made*, each under its digest. The caller commits."""
    rows = [{"encoder": encoder, "digest": key, "content": content} for key, content in made.items()]
    if rows:
        session.execute(insert(KeptVector).on_conflict_do_nothing(), rows)


def recall(session: Session, fingerprint: str) -> bytes | None:
    """Return what was learnt under *fingerprint*; None when nothing was."""
    row = session.get(Learnt, fingerprint)
    return row.content if row is not None else None


def remember(session: Session, fingerprint: str, content: bytes) -> None:
    """Keep what was learnt, in place of what older packs or programs had learnt. The caller commits."""
    session.exec(delete(Learnt).where(col(Learnt.fingerprint) != fingerprint))
    session.merge(Learnt(fingerprint=fingerprint, content=content))


def keep(session: Session, pack: Pack, now: datetime) -> bool:
    """
    Make *pack* the active one; say whether that changed anything.

    A pack that was loaded before becomes active again as it is. The caller commits.
    """
    if active_digest(session) == pack.digest:
        return False
    session.exec(update(PackVersion).where(col(PackVersion.active)).values(active=False))
    version = _version(session, pack.digest)
    if version is None:
        version = _kept(session, pack, now)
    version.active = True
    version.loaded_at = now
    session.add(version)
    session.flush()
    return True


def active(session: Session) -> Pack | None:
    """Return the pack that answers now; None before any was loaded."""
    digest = active_digest(session)
    if digest is None:
        return None
    files = session.exec(
        select(PackFile.name, PackFile.content)
        .join(PackVersion, col(PackVersion.id) == col(PackFile.version_id))
        .where(PackVersion.digest == digest)
    )
    return Pack.from_files(dict(files.all()))


def active_digest(session: Session) -> str | None:
    """Return the digest of the active pack; None before any was loaded."""
    return session.exec(select(PackVersion.digest).where(col(PackVersion.active))).first()


def loaded_at(session: Session) -> datetime | None:
    """Return when the active pack was taken in; None before any was."""
    return session.exec(select(PackVersion.loaded_at).where(col(PackVersion.active))).first()


def _version(session: Session, digest: str) -> PackVersion | None:
    return session.exec(select(PackVersion).where(PackVersion.digest == digest)).first()


def _kept(session: Session, pack: Pack, now: datetime) -> PackVersion:
    version = PackVersion(digest=pack.digest, loaded_at=now)
    session.add(version)
    session.flush()
    assert version.id is not None, "flushed"  # noqa: S101
    session.add_all(
        PackFile(version_id=version.id, name=name, content=content)
        for name, content in sorted(pack.files.items())
    )
    return version
