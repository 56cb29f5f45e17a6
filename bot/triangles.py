"""What the secretariat counts of triangular cooperation: nobody's name and nobody's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlmodel import col
from sqlmodel import select as select_rows

from bot.commands import Command
from bot.gaps import GapRow, gap_number, id_of, lacks_in, levels
from bot.join_commands import CountTriangles, Triangle
from bot.joining import JoinOffer, state_of
from bot.open_gaps import shown

if TYPE_CHECKING:
    from bot.records import Records


def count(records: Records, _command: CountTriangles) -> tuple[Triangle, ...]:
    """Count the open gaps that are stated, with the offers to join each."""
    session = records.session
    open_ones = select_rows(GapRow).where(col(GapRow.over_at).is_(None)).order_by(col(GapRow.id))
    rows = [row for row in session.exec(open_ones).all() if row.lacks]
    seen, themes = levels(session, rows), {id_of(one.row): one.themes for one in shown(session)}
    offers = session.exec(select_rows(JoinOffer)).all()
    made = Counter(offer.gap_id for offer in offers)
    stand = Counter((offer.gap_id, state_of(session, offer, records.now)) for offer in offers)
    return tuple(
        Triangle(
            number=gap_number(row),
            shown=seen.get(id_of(row), "no"),
            themes=themes.get(id_of(row), ()),
            lacks=lacks_in(row) if id_of(row) in seen else (),
            offers=made[id_of(row)],
            waiting=stand[id_of(row), "waiting"],
            joined=stand[id_of(row), "joined"],
        )
        for row in rows
    )


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {CountTriangles: count}
"""What carries each of these commands out."""
