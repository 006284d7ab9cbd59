"""The second key of a device's log (ML-DSA-44); devices that enrolled before have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    op.add_column("devices", sa.Column("mldsa_key", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Refuse: a witness must not forget what it cosigned."""
    raise NotImplementedError("the witness's records are never dropped")
