"""What was loaded is there again after a restart, and a pack that is refused changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, create_engine, func, select

from knowledge.loaders.pack import Pack
from knowledge.problems import PackRefused
from knowledge.snapshot import Snapshot
from knowledge.store import PackFile, PackVersion, active, active_digest, keep
from tests.knowledge.packs import small_pack, with_text

NOW = datetime(2022, 9, 13, 1, 0, tzinfo=UTC)
TABLES = [SQLModel.metadata.tables["pack_version"], SQLModel.metadata.tables["pack_file"]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'saphan.db'}")
    SQLModel.metadata.create_all(engine, tables=TABLES)
    yield engine
    engine.dispose()


def loaded(engine: Engine, pack: Pack) -> bool:
    with Session(engine) as session:
        changed = keep(session, pack, NOW)
        session.commit()
        return changed


def changed_pack() -> Pack:
    return Pack.from_files(with_text("forum.yaml", "edition: 4", "edition: 5"))


def test_nothing_is_active_before_the_first_load(engine: Engine) -> None:
    with Session(engine) as session:
        assert active(session) is None
        assert active_digest(session) is None


def test_a_pack_comes_back_as_it_was_loaded(engine: Engine, sample: Pack) -> None:
    loaded(engine, sample)
    with Session(engine) as session:
        again = active(session)
    assert again == sample
    assert Snapshot.of(again) == Snapshot.of(sample)


def test_the_newest_pack_is_the_active_one(engine: Engine) -> None:
    loaded(engine, Pack.from_files(small_pack()))
    loaded(engine, changed_pack())
    with Session(engine) as session:
        assert active_digest(session) == changed_pack().digest
        assert session.exec(select(func.count()).where(PackVersion.active)).one() == 1


def test_loading_the_active_pack_again_changes_nothing(engine: Engine) -> None:
    assert loaded(engine, Pack.from_files(small_pack()))
    assert not loaded(engine, Pack.from_files(small_pack()))
    with Session(engine) as session:
        assert len(session.exec(select(PackFile)).all()) == len(small_pack())


def test_an_earlier_pack_can_be_taken_up_again(engine: Engine) -> None:
    first = Pack.from_files(small_pack())
    for pack in (first, changed_pack(), first):
        loaded(engine, pack)
    with Session(engine) as session:
        assert active(session) == first
        assert len(session.exec(select(PackVersion)).all()) == 2


def test_a_pack_that_is_refused_changes_nothing(engine: Engine) -> None:
    loaded(engine, Pack.from_files(small_pack()))
    with pytest.raises(PackRefused):
        loaded(engine, Pack.from_files(with_text("faq/wifi.md", "status: published", "status: maybe")))
    with Session(engine) as session:
        assert active_digest(session) == Pack.from_files(small_pack()).digest
        assert len(session.exec(select(PackFile)).all()) == len(small_pack())


def test_what_is_not_committed_is_not_kept(engine: Engine) -> None:
    with Session(engine) as session:
        keep(session, Pack.from_files(small_pack()), NOW)
    with Session(engine) as session:
        assert active_digest(session) is None
