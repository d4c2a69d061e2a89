"""Authors and books."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from gql_app.engine import sqltypes

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "author",
        sa.Column("name", sqltypes.text(200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author")),
        sa.UniqueConstraint("name", name=op.f("uq_author_name")),
    )
    op.create_table(
        "book",
        sa.Column("title", sqltypes.text(200), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_book_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
    )
    op.create_index(op.f("ix_book_title_id"), "book", ["title", "id"])
    columns = ["author_id", "title", "id"]
    op.create_index(op.f("ix_book_author_id_title_id"), "book", columns)


def downgrade() -> None:
    op.drop_table("book")
    op.drop_table("author")
