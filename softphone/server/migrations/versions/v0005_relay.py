"""Sealed recordings on their way between devices, and the addresses they are sealed for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "relay_addresses",
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_relay_addresses_device"),
        sa.PrimaryKeyConstraint("device", "digest", name="pk_relay_addresses"),
    )
    op.create_table(
        "relay_packages",
        sa.Column("package", sa.String(36), nullable=False),
        sa.Column("sender", sa.String(36), nullable=False),
        sa.Column("receiver", sa.String(36), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("why", sa.String(32), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sender"], ["devices.id"], name="fk_relay_packages_sender"),
        sa.ForeignKeyConstraint(["receiver"], ["devices.id"], name="fk_relay_packages_receiver"),
        sa.PrimaryKeyConstraint("package", name="pk_relay_packages"),
    )
    for column in ("sender", "receiver", "ends_at"):
        op.create_index(f"ix_relay_packages_{column}", "relay_packages", [column])
    op.create_table(
        "relay_chunks",
        sa.Column("package", sa.String(36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package"], ["relay_packages.package"], name="fk_relay_chunks_package"
        ),
        sa.PrimaryKeyConstraint("package", "n", name="pk_relay_chunks"),
    )


def downgrade() -> None:
    """Refuse: a witness must not forget what it cosigned."""
    raise NotImplementedError("the witness's records are never dropped")
