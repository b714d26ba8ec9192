"""The ledger's two tables, and how records become rows of them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert

from lib.ledger.records import ForecastRecord, SignalRecord

METADATA: Final = MetaData()


def _said(*own: Column[Any]) -> tuple[Column[Any], ...]:
    return (
        Column("id", Text, primary_key=True),
        Column("world", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("symbol", Text, nullable=False),
        Column("timeframe", Text, nullable=False),
        Column("horizon", Integer, nullable=False),
        Column("origin_ms", BigInteger, nullable=False),
        Column("due_ms", BigInteger, nullable=False),
        *own,
        Column("served_ms", BigInteger, nullable=False),
    )


FORECASTS: Final = Table(
    "ledger_forecasts",
    METADATA,
    *_said(
        Column("price", Double, nullable=False),
        Column("quantiles", Text, nullable=False),  # JSON
        Column("reference_sigma", Double),
        Column("probability_up", Double),
    ),
    Column("outcome", Double),
    Index("ledger_forecasts_due", "world", "due_ms"),
)

SIGNALS: Final = Table(
    "ledger_signals",
    METADATA,
    *_said(
        Column("type", Text, nullable=False),
        Column("side", Text, nullable=False),
        Column("entry", Double, nullable=False),
        Column("target", Double, nullable=False),
        Column("stop", Double, nullable=False),
        Column("confidence", Double, nullable=False),
        Column("expected_r", Double, nullable=False),
        Column("expected_r_net", Double, nullable=False),
    ),
    Column("outcome", Text),
    Column("realized_r", Double),
    Index("ledger_signals_due", "world", "due_ms"),
)


def insert_once(table: Table, dialect: Dialect) -> Insert:
    """An insert that leaves a row alone that is there already, but for a probability that it
    lacks: a longer forecast does not tell it for the bars on its way."""
    insert: PostgresInsert | SqliteInsert = (
        postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    )
    if "probability_up" not in table.c:
        return insert.on_conflict_do_nothing()
    known = func.coalesce(table.c.probability_up, insert.excluded.probability_up)
    return insert.on_conflict_do_update(index_elements=["id"], set_={"probability_up": known})


def to_row(record: ForecastRecord | SignalRecord) -> dict[str, Any]:
    """A record as the tables hold it."""
    row = msgspec.structs.asdict(record)
    if isinstance(record, ForecastRecord):
        row["quantiles"] = msgspec.json.encode(record.quantiles).decode()
    return row


def to_forecast(row: Mapping[Any, Any]) -> ForecastRecord:
    """A row as the record that it was."""
    fields = dict(row)
    fields["quantiles"] = tuple(msgspec.json.decode(fields["quantiles"]))
    return ForecastRecord(**fields)


def to_signal(row: Mapping[Any, Any]) -> SignalRecord:
    """A row as the record that it was."""
    return SignalRecord(**row)
