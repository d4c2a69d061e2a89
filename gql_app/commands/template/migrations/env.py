"""How Alembic reaches the database, and which tables it compares with."""

from alembic import context
from gql_app.engine import normalise_url
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import bookshop.models  # noqa: F401 - its tables are then in the metadata
from bookshop.settings import Settings

# Tests set the URL of a database of theirs.
url = normalise_url(context.config.attributes.get("url") or Settings().database_url)

if context.is_offline_mode():
    context.configure(url=url, target_metadata=SQLModel.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,  # SQLite changes a table by making it anew
        )
        with context.begin_transaction():
            context.run_migrations()
