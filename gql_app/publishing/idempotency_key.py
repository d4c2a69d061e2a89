"""Idempotency keys: the responses kept under them, for a time. Not part of the API."""

import asyncio
import logging
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.engine.writing import idempotency
from gql_app.publishing.base import utc_now

logger = logging.getLogger(__name__)

KEPT = idempotency.table(SQLModel.metadata)

_AGE = timedelta(hours=24)
"""How long a response is kept."""


def forget_old(engine: sa.Engine) -> int:
    """Delete responses that have been kept for a day; how many they were."""
    with engine.begin() as connection:
        return idempotency.forget(connection, KEPT, utc_now() - _AGE)


async def keep_forgetting(
    engine: sa.Engine, every: timedelta = timedelta(minutes=10)
) -> None:
    """Delete old responses again and again, until cancelled."""
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            await asyncio.to_thread(forget_old, engine)
        except sa.exc.SQLAlchemyError:
            # They are a little older the next time, no more.
            logger.warning("Old idempotency keys are still there.", exc_info=True)
