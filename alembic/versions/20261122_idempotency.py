"""Responses to mutations, kept under their clients' idempotency keys."""

import sqlalchemy as sa
from alembic import op
from gql_app.engine import sqltypes

revision = "c25e80f4a7d3"
down_revision = "9d3f6b82c41e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("owner", sqltypes.text(64), primary_key=True),
        sa.Column("key", sqltypes.text(255), primary_key=True),
        sa.Column("request", sqltypes.text(64), nullable=False),
        sa.Column("response", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"]
    )


def downgrade() -> None:
    op.drop_table("idempotency_key")
