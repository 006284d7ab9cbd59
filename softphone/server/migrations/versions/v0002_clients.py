"""Clients of the API, their idempotency keys, and when a device was last heard of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and the column."""
    op.add_column("devices", sa.Column("last_seen", sa.DateTime(timezone=True)))
    op.create_table(
        "clients",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("log_key", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.UniqueConstraint("name", name="uq_clients_name"),
    )
    op.create_table(
        "idempotency",
        sa.Column("client", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("erasure", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.id"], name="fk_idempotency_client"),
        sa.PrimaryKeyConstraint("client", "key", name="pk_idempotency"),
    )


def downgrade() -> None:
    """Refuse: a witness must not forget what it cosigned."""
    raise NotImplementedError("the witness's records are never dropped")
