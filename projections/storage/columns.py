"""The kinds of columns of read models: the same rows in SQLite's STRICT tables and PostgreSQL.

STRICT tables know INTEGER, TEXT and BLOB only, so there is no VARCHAR, BIGINT or BOOLEAN there.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

BEGINNING = 64
WHOLE: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


class Flag(TypeDecorator[bool]):
    """True or False; in SQLite as 1 or 0."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if _is_postgres(dialect) else Integer())

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:  # noqa: ARG002 (the signature is SQLAlchemy's)
        return None if value is None else bool(value)


class Words(TypeDecorator[str]):
    """A text that compares by its bytes, whatever the database's locale.

    PostgreSQL has no texts with NUL: there NUL becomes U+FFFD. Commands contain none, but events
    that others wrote into the log may.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text(collation="C") if _is_postgres(dialect) else Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _without_nul if _is_postgres(dialect) else None


class Beginning(FunctionElement[str]):
    """A text as it is in an index that others are in too: PostgreSQL takes 2,704 bytes for all of
    them, and a text may have more. So its index has the first BEGINNING characters, and SQLite's,
    which has no such limit, the whole text.
    """

    inherit_cache = True
    type = Words()


@compiles(Beginning)
def _whole(element: Beginning, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(Beginning, "postgresql")
def _first(element: Beginning, compiler: SQLCompiler, **how: Any) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, {BEGINNING})"


def equals(column: Column[Any], value: str) -> ColumnElement[bool]:
    """The column's text is this value; can be looked up where its Beginning is indexed."""
    wanted = bindparam(None, value, type_=Words())
    return and_(Beginning(column) == Beginning(wanted), column == wanted)


def _is_postgres(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


def _without_nul(value: str | None) -> str | None:
    return value.replace("\0", "\ufffd") if value else value


def key(name: str) -> Column[str]:
    """Part of the primary key, a text."""
    return Column(name, Words, primary_key=True, nullable=False)


def number(name: str) -> Column[int]:
    """Part of the primary key, a whole number."""
    return Column(name, WHOLE, primary_key=True, nullable=False, autoincrement=False)


def text(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def optional(name: str) -> Column[str | None]:
    """A text, null where it is not known (yet)."""
    return Column(name, Words, nullable=True)


def flag(name: str) -> Column[bool]:
    return Column(name, Flag, nullable=False)


def count(name: str) -> Column[int]:
    """Never below zero."""
    return Column(name, WHOLE, CheckConstraint(f"{name} >= 0"), nullable=False)


def signed_count(name: str) -> Column[int]:
    """A whole number that may be below zero: a change of a count, a quarter of an hour."""
    return Column(name, WHOLE, nullable=False)


def cents(name: str) -> Column[int]:
    """An amount in minor units; never below zero."""
    return Column(name, WHOLE, CheckConstraint(f"{name} >= 0"), nullable=False)


def signed_cents(name: str) -> Column[int]:
    """An amount in minor units that may be below zero (a balance, a posting)."""
    return Column(name, WHOLE, nullable=False)


def optional_cents(name: str) -> Column[int | None]:
    """An amount in minor units, null where it is not known (yet)."""
    return Column(name, WHOLE, CheckConstraint(f"{name} >= 0"), nullable=True)


def optional_signed_cents(name: str) -> Column[int | None]:
    """An amount that may be below zero, null where there is none."""
    return Column(name, WHOLE, nullable=True)


def optional_bytes(name: str) -> Column[bytes | None]:
    return Column(name, LargeBinary, nullable=True)


def table(name: str, metadata: MetaData, *parts: Any) -> Table:
    """A STRICT table that is its own primary key's index: one b-tree to write, not two.

    For narrow rows, and those read by order.
    """
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def wide_table(name: str, metadata: MetaData, *parts: Any) -> Table:
    """A STRICT table with rows in the order of insertion, and a separate index of the key.

    Rows of orders that are active at the same time then share pages. A batch writes each page that
    it touches: a third less to commit (measured).
    """
    return Table(name, metadata, *parts, sqlite_strict=True)
