"""Settings that all server processes share, and the log that continues another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("devices", sa.Column("replaced_by", sa.String(36)))
    op.create_table(
        "settings",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )


def downgrade() -> None:
    """Refuse: a witness must not forget what it cosigned."""
    raise NotImplementedError("the witness's records are never dropped")
