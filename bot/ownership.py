"""Whose a row is: found from the schema, so that no table can be forgotten."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table
from sqlmodel import SQLModel

from bot.store import Participant

PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]


def owned() -> Iterator[tuple[Table, Column[Any]]]:
    """
    Yield each column in the whole schema that says whose a row is, with its table.

    That is a foreign key to the participants, or a column of the name `participant_id`: a table that is new tomorrow
    is among them by itself.
    """
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if column.name == "participant_id" or column.references(PEOPLE.c.id):
                yield table, column
