"""The publishing domain: accounts, posts, comments and what surrounds them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "4a7c1d0e52b9"
down_revision = None
branch_labels = None
depends_on = None


def text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text in code point order on both databases."""
    collated = sa.String(length, collation="C")
    return sa.String(length).with_variant(collated, "postgresql")


def key() -> sa.types.TypeEngine[int]:
    """64 bits on both databases."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def choice(name: str, *members: str, default: str | None = None) -> sa.Column[str]:
    """One of the members' names, guarded by a CHECK constraint."""
    kind = sa.Enum(
        *members, name=name, native_enum=False, create_constraint=True, length=20
    )
    return sa.Column(name, kind, nullable=False, server_default=default)


def text_format() -> sa.Column[str]:
    return choice("format", "MARKDOWN", "HTML", default="MARKDOWN")


def counter(name: str, start: str = "0") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=start)


def moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True))


def now(name: str) -> sa.Column[sa.DateTime]:
    """A moment that is the present one by default, with the fraction that SQLAlchemy
    writes on SQLite."""
    sqlite = sa.text("(strftime('%Y-%m-%d %H:%M:%f000', 'now'))")
    default = sqlite if on_sqlite() else sa.text("CURRENT_TIMESTAMP")
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, nullable=False, server_default=default)


def identity() -> sa.Column[int]:
    return sa.Column("id", key(), primary_key=True)


def reference(
    name: str, table: str, on_delete: str, *, nullable: bool = False
) -> sa.Column[int]:
    target = sa.ForeignKey(f"{table}.id", ondelete=on_delete)
    return sa.Column(name, key(), target, nullable=nullable)


def length_check(column: str, least: int, most: int) -> sa.CheckConstraint:
    rule = f"length({column}) BETWEEN {least} AND {most}"
    return sa.CheckConstraint(rule, name=f"{column}_length")


def index(table: str, *columns: str) -> None:
    op.create_index(op.f("_".join(["ix", table, *columns])), table, list(columns))


def on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def upgrade() -> None:
    create_users()
    create_profiles()
    create_follows()
    create_refresh_tokens()
    create_tags()
    create_posts()
    create_comments()
    create_post_tags()
    create_reactions()
    create_bookmarks()
    create_post_links()
    create_revisions()


def create_users() -> None:
    op.create_table(
        "user",
        identity(),
        now("created_at"),
        sa.Column("username", text(40), nullable=False),
        sa.Column("display_name", text(60), nullable=False),
        sa.Column("email", text(254)),
        sa.Column("password_hash", text(255)),
        choice("role", "READER", "AUTHOR", "EDITOR", "ADMIN", default="READER"),
        counter("reputation"),
        sa.Column("source", text(200)),
        sa.UniqueConstraint("username"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("source"),
        sa.CheckConstraint("username = lower(username)", name="username_lower"),
        length_check("username", 2, 40),
        length_check("display_name", 1, 60),
    )


def create_profiles() -> None:
    op.create_table(
        "profile",
        identity(),
        reference("user_id", "user", "CASCADE"),
        sa.Column("bio", text()),
        sa.Column("website", text(200)),
        sa.Column("location", text(100)),
        counter("view_count"),
        moment("last_seen_at"),
        sa.UniqueConstraint("user_id"),
        length_check("bio", 0, 4000),
        length_check("website", 0, 200),
        length_check("location", 0, 100),
    )


def create_follows() -> None:
    op.create_table(
        "follow",
        reference("follower_id", "user", "CASCADE"),
        reference("followed_id", "user", "CASCADE"),
        now("created_at"),
        sa.PrimaryKeyConstraint("follower_id", "followed_id"),
        sa.CheckConstraint("follower_id <> followed_id", name="not_oneself"),
    )
    index("follow", "followed_id", "created_at", "follower_id")
    index("follow", "created_at", "follower_id", "followed_id")


def create_refresh_tokens() -> None:
    op.create_table(
        "refresh_token",
        identity(),
        now("created_at"),
        reference("user_id", "user", "CASCADE"),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        moment("used_at"),
        moment("revoked_at"),
        sa.UniqueConstraint("token_hash"),
    )
    index("refresh_token", "user_id")
    index("refresh_token", "family_id")
    index("refresh_token", "expires_at")


def create_tags() -> None:
    op.create_table(
        "tag",
        identity(),
        sa.Column("name", text(40), nullable=False),
        sa.Column("description", text()),
        sa.UniqueConstraint("name"),
        sa.CheckConstraint("name = lower(name)", name="name_lower"),
        length_check("name", 1, 40),
        length_check("description", 1, 4000),
    )


def create_posts() -> None:
    op.create_table(
        "post",
        identity(),
        now("created_at"),
        now("updated_at"),
        sa.Column("slug", text(100), nullable=False),
        sa.Column("title", text(250), nullable=False),
        sa.Column("body", text(), nullable=False),
        text_format(),
        choice("status", "DRAFT", "PUBLISHED", "ARCHIVED", default="DRAFT"),
        moment("published_at"),
        reference("author_id", "user", "SET NULL", nullable=True),
        sa.Column("author_name", text(60)),
        sa.Column("pinned_comment_id", key()),
        counter("score"),
        counter("view_count"),
        counter("version", start="1"),
        sa.Column("source", text(200)),
        sa.Column("license", text(40)),
        moment("deleted_at"),
        # `comment` does not exist yet: PostgreSQL gets this key in create_comments,
        # SQLite can't add one later but takes it now.
        sa.ForeignKeyConstraint(
            ["pinned_comment_id"], ["comment.id"], ondelete="SET NULL", use_alter=True
        ),
        sa.UniqueConstraint("slug"),
        sa.UniqueConstraint("source"),
        length_check("slug", 1, 100),
        length_check("title", 1, 250),
        sa.CheckConstraint("length(body) > 0", name="body_length"),
        sa.CheckConstraint(
            "status = 'DRAFT' OR published_at IS NOT NULL", name="published_at"
        ),
    )
    index("post", "created_at", "id")
    index("post", "author_id", "created_at", "id")
    index("post", "pinned_comment_id")


def create_comments() -> None:
    op.create_table(
        "comment",
        identity(),
        now("created_at"),
        now("updated_at"),
        reference("post_id", "post", "CASCADE"),
        reference("parent_id", "comment", "CASCADE", nullable=True),
        sa.Column("body", text(), nullable=False),
        text_format(),
        reference("author_id", "user", "SET NULL", nullable=True),
        sa.Column("author_name", text(60)),
        counter("score"),
        sa.Column("source", text(200)),
        sa.Column("license", text(40)),
        moment("deleted_at"),
        sa.UniqueConstraint("source"),
        sa.CheckConstraint("length(body) > 0", name="body_length"),
        sa.CheckConstraint("parent_id <> id", name="not_own_parent"),
    )
    index("comment", "created_at", "id")
    index("comment", "post_id", "created_at", "id")
    index("comment", "author_id", "created_at", "id")
    index("comment", "parent_id", "created_at", "id")
    if not on_sqlite():
        op.create_foreign_key(
            op.f("fk_post_pinned_comment_id"),
            "post",
            "comment",
            ["pinned_comment_id"],
            ["id"],
            ondelete="SET NULL",
        )


def create_post_tags() -> None:
    op.create_table(
        "post_tag",
        reference("post_id", "post", "CASCADE"),
        reference("tag_id", "tag", "CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "tag_id"),
    )
    index("post_tag", "tag_id", "post_id")


def create_reactions() -> None:
    op.create_table(
        "reaction",
        reference("user_id", "user", "CASCADE"),
        reference("post_id", "post", "CASCADE"),
        choice("kind", "LIKE", "LOVE", "LAUGH", "INSIGHTFUL", "CELEBRATE"),
        now("created_at"),
        sa.PrimaryKeyConstraint("user_id", "post_id", "kind"),
    )
    index("reaction", "post_id", "created_at", "user_id", "kind")
    index("reaction", "user_id", "created_at", "post_id", "kind")
    index("reaction", "created_at", "user_id", "post_id", "kind")


def create_bookmarks() -> None:
    op.create_table(
        "bookmark",
        reference("user_id", "user", "CASCADE"),
        reference("post_id", "post", "CASCADE"),
        now("created_at"),
        sa.PrimaryKeyConstraint("user_id", "post_id"),
    )
    index("bookmark", "post_id", "created_at", "user_id")
    index("bookmark", "created_at", "user_id", "post_id")


def create_post_links() -> None:
    op.create_table(
        "post_link",
        reference("post_id", "post", "CASCADE"),
        reference("target_id", "post", "CASCADE"),
        choice("kind", "RELATED", "DUPLICATE", default="RELATED"),
        now("created_at"),
        sa.PrimaryKeyConstraint("post_id", "target_id", "kind"),
        sa.CheckConstraint("post_id <> target_id", name="not_itself"),
    )
    index("post_link", "post_id", "created_at", "target_id", "kind")
    index("post_link", "target_id", "created_at", "post_id", "kind")
    index("post_link", "created_at", "post_id", "target_id", "kind")


def create_revisions() -> None:
    op.create_table(
        "revision",
        identity(),
        now("created_at"),
        reference("post_id", "post", "CASCADE"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", text(250), nullable=False),
        sa.Column("body", text(), nullable=False),
        text_format(),
        sa.Column(
            "data",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            server_default="{}",
        ),
        reference("editor_id", "user", "SET NULL", nullable=True),
        sa.UniqueConstraint("post_id", "number"),
        sa.CheckConstraint("number > 0", name="number_positive"),
    )
    index("revision", "created_at", "id")
    index("revision", "post_id", "created_at", "id")
    index("revision", "editor_id", "created_at", "id")


def downgrade() -> None:
    if not on_sqlite():
        op.drop_constraint(op.f("fk_post_pinned_comment_id"), "post")
    for table in (
        "revision",
        "post_link",
        "bookmark",
        "reaction",
        "post_tag",
        "comment",
        "post",
        "tag",
        "refresh_token",
        "follow",
        "profile",
        "user",
    ):
        op.drop_table(table)
