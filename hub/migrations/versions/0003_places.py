"""Where kiosks stand, as their site files say: hall and window."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("kiosks", schema=None) as batch_op:
        for name in ("hall", "window"):
            column = sa.Column(name, sa.String(length=100), nullable=False, server_default="")
            batch_op.add_column(column)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("kiosks", schema=None) as batch_op:
        for name in ("window", "hall"):
            batch_op.drop_column(name)
