"""The ledger's database: a SQLite file, or PostgreSQL. Every call blocks: call it in a thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, Table, create_engine, event, select, update
from sqlalchemy.pool import StaticPool

from lib.ledger.records import ForecastRecord, Record, SignalRecord
from lib.ledger.tables import (
    FORECASTS,
    METADATA,
    SIGNALS,
    insert_once,
    to_forecast,
    to_row,
    to_signal,
)

MOST_DUE: Final = 2000
_POSTGRES: Final = {
    "connect_timeout": 2,
    "options": "-c statement_timeout=5000",
    # a host that is gone without a word is noticed in seconds, not in the system's two hours
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class Database:
    """Two tables. Whatever it raises says why it could not be reached or written."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._ready = False

    def write(self, records: Sequence[Record]) -> None:
        """Store in one transaction; what is there already stays as it is."""
        self._prepare()
        with self.engine.begin() as connection:
            for table, kind in ((FORECASTS, ForecastRecord), (SIGNALS, SignalRecord)):
                rows = [to_row(record) for record in records if isinstance(record, kind)]
                if rows:
                    connection.execute(insert_once(table, self.engine.dialect), rows)

    def due(self, world: str, now_ms: int) -> tuple[list[ForecastRecord], list[SignalRecord]]:
        """What can be scored and was not, the most lately due first."""
        self._prepare()
        found = []
        with self.engine.connect() as connection:
            for table in (FORECASTS, SIGNALS):
                wanted = (
                    select(table)
                    .where(table.c.world == world, table.c.due_ms <= now_ms)
                    .where(table.c.outcome.is_(None))
                    .order_by(table.c.due_ms.desc(), table.c.id)
                    .limit(MOST_DUE)
                )
                found.append(list(connection.execute(wanted).mappings()))
        return [to_forecast(row) for row in found[0]], [to_signal(row) for row in found[1]]

    def score(self, records: Sequence[Record]) -> None:
        """Note the outcomes that these carry; one that has its outcome keeps it."""
        with self.engine.begin() as connection:
            for row in records:
                if isinstance(row, ForecastRecord):
                    connection.execute(_open(FORECASTS, row.id).values(outcome=row.outcome))
                else:
                    told = {"outcome": row.outcome, "realized_r": row.realized_r}
                    connection.execute(_open(SIGNALS, row.id).values(**told))

    def read(
        self, world: str, since_ms: int, symbol: str | None, model: str | None = None
    ) -> tuple[list[ForecastRecord], list[SignalRecord]]:
        """Everything said since then, oldest first; of one symbol or model if so asked."""
        self._prepare()
        found = []
        with self.engine.connect() as connection:
            for table in (FORECASTS, SIGNALS):
                wanted = select(table).where(table.c.world == world, table.c.origin_ms >= since_ms)
                if symbol:
                    wanted = wanted.where(table.c.symbol == symbol)
                if model:
                    wanted = wanted.where(table.c.model == model)
                rows = connection.execute(wanted.order_by(table.c.origin_ms))
                found.append(list(rows.mappings()))
        forecasts = sorted(map(to_forecast, found[0]), key=lambda row: (row.origin_ms, row.id))
        signals = sorted(map(to_signal, found[1]), key=lambda row: (row.origin_ms, row.id))
        return forecasts, signals

    def close(self) -> None:
        """Let go of its connections."""
        self.engine.dispose()

    def _prepare(self) -> None:
        if not self._ready:
            METADATA.create_all(self.engine)
            self._ready = True


def _open(table: Table, name: str) -> Any:
    return update(table).where(table.c.id == name, table.c.outcome.is_(None))


def _engine(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite"):
        # psycopg is the driver that we ship, whatever the address names
        return create_engine(
            f"postgresql+psycopg://{rest}",
            pool_size=1,
            max_overflow=1,
            pool_pre_ping=True,
            pool_timeout=2,
            connect_args=dict(_POSTGRES),
        )
    if rest in ("", "/"):  # in memory: one connection, or each would see a ledger of its own
        memory: dict[str, Any] = {"check_same_thread": False}
        return create_engine("sqlite://", poolclass=StaticPool, connect_args=memory)
    Path(rest.removeprefix("/")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite://{rest}", connect_args={"timeout": 2})
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: object) -> None:
    # written ahead: what is committed outlives the process, and readers do not hold up the writer
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
