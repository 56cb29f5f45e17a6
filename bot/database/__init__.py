"""The database: any number of readers, and one way to write to it, on SQLite and on PostgreSQL."""

from bot.database.locks import lock, share
from bot.database.store import Store
from bot.database.work import leave_no_trace

__all__ = ["Store", "leave_no_trace", "lock", "share"]
