"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "devices",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("log_key", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("log_key", name="uq_devices_log_key"),
    )
    op.create_table(
        "enrolment_tokens",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.String(36)),
        sa.PrimaryKeyConstraint("hash", name="pk_enrolment_tokens"),
    )
    _create_log_tables()
    op.create_table(
        "tombstones",
        sa.Column("position", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("erasure", sa.String(36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_tombstones"),
        sa.UniqueConstraint("erasure", name="uq_tombstones_erasure"),
    )
    positions = op.create_table(
        "positions",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_positions"),
    )
    op.bulk_insert(positions, [{"name": "tombstones", "last": 0}])
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policies"),
    )


def _create_log_tables() -> None:
    op.create_table(
        "leaves",
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_leaves_device"),
        sa.PrimaryKeyConstraint("device", "n", name="pk_leaves"),
    )
    op.create_table(
        "cosigned",
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_cosigned_device"),
        sa.PrimaryKeyConstraint("device", "size", name="pk_cosigned"),
    )


def downgrade() -> None:
    """Refuse: a witness must not forget what it cosigned."""
    raise NotImplementedError("the witness's records are never dropped")
