"""Which post has which tag: nothing but the two keys."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gql_app.engine.sqltypes import big_integer


class PostTag(SQLModel, table=True):
    __tablename__ = "post_tag"
    __table_args__ = (sa.Index(None, "tag_id", "post_id"),)

    post_id: int = Field(
        primary_key=True,
        foreign_key="post.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
    tag_id: int = Field(
        primary_key=True,
        foreign_key="tag.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
