"""Attempts to sign in or up, counted by where they come from."""

import sqlalchemy as sa
from alembic import op
from gql_app.engine import sqltypes

revision = "9d3f6b82c41e"
down_revision = "4a7c1d0e52b9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("origin", sqltypes.text(64), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(op.f("ix_attempts_ends_at"), "attempts", ["ends_at"])


def downgrade() -> None:
    op.drop_table("attempts")
