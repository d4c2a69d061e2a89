"""Column types that store, compare and sort alike on SQLite and PostgreSQL."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Numeric, String, TypeDecorator
from sqlalchemy.types import TypeEngine

# SQLite integers have 64 bits: the largest power of ten below 2**63 is 10**18.
_SQLITE_DIGITS = 18
_WIDE = Context(prec=1_000)


def text(length: int | None = None) -> TypeEngine[str]:
    """Text in code point order on both databases.

    SQLite compares bytes; PostgreSQL follows the collation of the database unless
    the column says "C", which also lets an index serve prefix filters.
    """
    collated = String(length, collation="C")
    return String(length).with_variant(collated, "postgresql")


def big_integer() -> TypeEngine[int]:
    """64 bits on both databases; SQLite only counts up a key typed INTEGER."""
    return BigInteger().with_variant(Integer(), "sqlite")


class ExactDecimal(TypeDecorator[Decimal]):
    """NUMERIC(precision, scale); on SQLite, which has no exact decimals, an integer
    scaled by 10**scale, so that equality, order and sums stay exact there too."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        if not 0 <= scale <= precision <= _SQLITE_DIGITS:
            raise ValueError(
                f"ExactDecimal({precision}, {scale}): needs "
                f"0 <= scale <= precision <= {_SQLITE_DIGITS}, the digits that SQLite keeps"
            )
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        scaled = Decimal(value).scaleb(self.scale)
        return int(scaled.to_integral_value(ROUND_HALF_UP))  # as PostgreSQL does

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]  # psycopg2 returns Decimal
        return Decimal(value).scaleb(-self.scale)


class _Compared(ExactDecimal):
    """For values that a column is compared with: they aren't rounded to its scale."""

    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        scaled = value.scaleb(self.scale, _WIDE)
        fits = abs(scaled) <= 10**_SQLITE_DIGITS
        return int(scaled) if fits and scaled == int(scaled) else float(scaled)


def comparable(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type of what a column of that type may be compared with."""
    if isinstance(kind, ExactDecimal):
        return _Compared(kind.precision, kind.scale)
    return kind


def exact_decimal(precision: int, scale: int) -> TypeEngine[Decimal]:
    """An exact decimal of at most 18 digits; raises ValueError for more."""
    return ExactDecimal(precision, scale)
