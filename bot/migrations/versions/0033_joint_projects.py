"""Which needs are one in several countries, and the joint projects that are made of them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

GOING = sa.text("over_at IS NULL")


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "need_group",
        sa.Column("need_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("was_joint", sa.Boolean(), nullable=False),
        sa.Column("encoder", AutoString(), nullable=False),
        sa.Column("vector", sa.LargeBinary()),
    )
    op.create_index("ix_need_group_group", "need_group", ["group"])
    op.create_table(
        "refused_group",
        sa.Column("group", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", UTCDateTime(), nullable=False),
    )
    op.create_table(
        "joint_project",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answers_until", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime()),
        sa.Column("lead", AutoString()),
        sa.Column("lead_asked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("over_at", UTCDateTime()),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "joint_project_going",
        "joint_project",
        ["group"],
        unique=True,
        sqlite_where=GOING,
        postgresql_where=GOING,
    )
    op.create_table(
        "project_side",
        sa.Column("project_id", sa.Integer(), sa.ForeignKey("joint_project.id"), primary_key=True),
        sa.Column("country", AutoString(), primary_key=True),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Boolean()),
        sa.Column("answered_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("answered_at", UTCDateTime()),
        sa.Column("left_at", UTCDateTime()),
        sa.Column("wish", AutoString()),
        sa.Column("meeting", AutoString()),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("project_side", "joint_project", "refused_group", "need_group"):
        op.drop_table(table)
