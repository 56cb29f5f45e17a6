"""Announcements that can be held, stopped, corrected and taken back; sessions that are followed and moved."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNSETTLED: Any = {f"{dialect}_where": sa.text("settled_at IS NULL") for dialect in ("sqlite", "postgresql")}
OPEN: Any = {f"{dialect}_where": sa.text("done_at IS NULL") for dialect in ("sqlite", "postgresql")}
CORRECTING: Any = {
    f"{dialect}_where": sa.text("corrects_id IS NOT NULL") for dialect in ("sqlite", "postgresql")
}
NAMES = {"fk": "%(table_name)s_%(column_0_name)s_fkey"}
"""PostgreSQL's own names for foreign keys, which SQLite's have none of."""
GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the schema forward."""
    _create_tables()
    with op.batch_alter_table("participant") as table:
        table.add_column(sa.Column("preferred_channel", AutoString()))
        table.add_column(sa.Column("muted", AutoString()))
        table.add_column(sa.Column("muted_until", UTCDateTime()))
    with op.batch_alter_table("inbox") as table:
        table.add_column(sa.Column("user", AutoString(), nullable=False, server_default=""))
        table.create_index("inbox_waiting", ["channel", "user", "id"])
        table.create_index("inbox_open", ["id"], **OPEN)
    with op.batch_alter_table("delivery", naming_convention=NAMES) as table:
        table.add_column(sa.Column("deletes", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("corrects_id", GROWING))
        table.add_column(sa.Column("shared_card_id", sa.Integer()))
        table.add_column(sa.Column("marked_at", UTCDateTime()))
        table.alter_column("card", existing_type=sa.JSON(), nullable=True)
        table.drop_constraint("delivery_broadcast_id_fkey", type_="foreignkey")
        table.create_foreign_key("delivery_corrects_id_fkey", "delivery", ["corrects_id"], ["id"])
        table.drop_index("delivery_due")
        table.create_index("delivery_corrects", ["corrects_id"], **CORRECTING)
        table.create_index("delivery_due", ["state", "channel", "kind", "broadcast_id", "id"], **UNSETTLED)
    _change_announcements()


def _create_tables() -> None:
    op.create_table(
        "following",
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("session", AutoString(), primary_key=True),
        sa.Column("minutes", sa.Integer()),
        sa.Column("due_at", UTCDateTime()),
        sa.Column("use_by", UTCDateTime()),
        sa.Column("reminded_at", UTCDateTime()),
    )
    op.create_index("following_due", "following", ["due_at"])
    op.create_index("following_session", "following", ["session"])
    op.create_table(
        "confirmation",
        sa.Column("broadcast_id", sa.Integer(), sa.ForeignKey("broadcast.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("at", UTCDateTime(), nullable=False),
    )
    op.create_table(
        "session_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("session", AutoString(), nullable=False),
        sa.Column("room", AutoString()),
        sa.Column("start", UTCDateTime()),
        sa.Column("end", UTCDateTime()),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), sa.ForeignKey("broadcast.id")),
        sa.Column("changed_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime()),
    )
    op.create_index("ix_session_change_session", "session_change", ["session"])
    op.create_table(
        "shared_card",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("broadcast_id", sa.Integer(), sa.ForeignKey("broadcast.id"), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("lang", AutoString(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.UniqueConstraint("broadcast_id", "edition", "lang"),
    )
    op.create_table(
        "delivery_event",
        sa.Column("id", GROWING, primary_key=True),
        sa.Column("delivery_id", GROWING, sa.ForeignKey("delivery.id"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("event", AutoString(), nullable=False),
        sa.Column("cause", AutoString()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), sa.ForeignKey("participant.id")),
    )
    op.create_index("ix_delivery_event_delivery_id", "delivery_event", ["delivery_id"])


def _change_announcements() -> None:
    """Give what was announced before a state; it left at once, in the secretariat's own words."""
    with op.batch_alter_table("broadcast") as table:
        table.add_column(sa.Column("kind", AutoString(), nullable=False, server_default="announcement"))
        table.add_column(sa.Column("state", AutoString(), nullable=False, server_default="running"))
        table.add_column(sa.Column("words", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("session", AutoString()))
        table.add_column(sa.Column("confirmable", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
        for name in ("starts_at", "use_by", "started_at", "corrected_at", "withdrawn_at", "reported_at"):
            table.add_column(sa.Column(name, UTCDateTime()))
        for name, target in (
            ("about_id", "broadcast"),
            ("created_by", "participant"),
            ("approved_by", "participant"),
        ):
            table.add_column(sa.Column(name, sa.Integer()))
            table.create_foreign_key(f"broadcast_{name}_fkey", target, [name], ["id"])
    old = sa.table("broadcast", sa.column("id"), sa.column("texts", sa.JSON()), sa.column("words", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(old.c.id, old.c.texts)).all():
        connection.execute(sa.update(old).where(old.c.id == row.id).values(words={"texts": row.texts}))
    op.execute("UPDATE broadcast SET starts_at = created_at, started_at = created_at")
    with op.batch_alter_table("broadcast") as table:
        table.drop_column("texts")
        table.alter_column("starts_at", existing_type=UTCDateTime(), nullable=False)
        table.create_index("broadcast_due", ["state", "starts_at"])


def downgrade() -> None:
    """Take it back; what only the new tables held is lost."""
    with op.batch_alter_table("broadcast") as table:
        table.add_column(sa.Column("texts", sa.JSON(), nullable=False, server_default="{}"))
        table.drop_index("broadcast_due")
        for name in ("about_id", "created_by", "approved_by"):
            table.drop_constraint(f"broadcast_{name}_fkey", type_="foreignkey")
            table.drop_column(name)
        for name in ("kind", "state", "words", "session", "confirmable", "edition"):
            table.drop_column(name)
        for name in ("starts_at", "use_by", "started_at", "corrected_at", "withdrawn_at", "reported_at"):
            table.drop_column(name)
    op.execute("DELETE FROM delivery_event")
    op.execute("DELETE FROM delivery WHERE card IS NULL OR corrects_id IS NOT NULL")
    with op.batch_alter_table("delivery") as table:
        table.drop_index("delivery_corrects")
        table.drop_constraint("delivery_corrects_id_fkey", type_="foreignkey")
        table.create_foreign_key("delivery_broadcast_id_fkey", "broadcast", ["broadcast_id"], ["id"])
        for name in ("deletes", "corrects_id", "shared_card_id", "marked_at"):
            table.drop_column(name)
        table.drop_index("delivery_due")
        table.create_index("delivery_due", ["state", "channel", "priority", "id"], **UNSETTLED)
        table.alter_column("card", existing_type=sa.JSON(), nullable=False)
    with op.batch_alter_table("inbox") as table:
        table.drop_index("inbox_open")
        table.drop_index("inbox_waiting")
        table.drop_column("user")
    with op.batch_alter_table("participant") as table:
        for name in ("preferred_channel", "muted", "muted_until"):
            table.drop_column(name)
    for name in ("delivery_event", "shared_card", "session_change", "confirmation", "following"):
        op.drop_table(name)
