"""Ledger rows that answers promise: what was said under an id must be found in the ledger."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

from drill.asks import Ask
from lib.ledger.records import HORIZONS, identity

WORLD: Final = "live"  # the sandbox is reached as live upstreams are


class Promises:
    """Ids that were answered and not yet found in the ledger."""

    def __init__(self, find: Callable[[Iterable[str]], set[str]]) -> None:
        self._find = find
        self._open: set[str] = set()

    def note(self, ask: Ask, body: dict[str, Any]) -> None:
        """An answer came: what it said must be recorded."""
        if ask.path.startswith("/api/ai/"):
            self._open.update(_ids(body))

    def keep(self) -> tuple[int, list[str]]:
        """How many of the open ones are found by now, and those that are not."""
        found = self._find(self._open)
        self._open -= found
        return len(found), sorted(self._open)

    def forget(self) -> None:
        """Those that are not found were told; they are not told twice."""
        self._open.clear()


def _ids(body: dict[str, Any]) -> Iterator[str]:
    if "predictions" in body:
        steps = {h for h in HORIZONS if h <= body["horizon"]} | {body["horizon"]}
        model, symbol, frame = body["model"], body["symbol"], body["timeframe"]
        for step in steps:
            yield identity(WORLD, model, symbol, frame, step, body["timestamp"])
    for row in body.get("signals", ()):
        if row["target_price"] is not None and row["stop_loss"] is not None:
            yield f"{WORLD}|{row['id']}"


def in_postgres(url: str) -> Callable[[Iterable[str]], set[str]]:
    """Looks ids up in PostgreSQL."""

    def find(ids: Iterable[str]) -> set[str]:
        wanted = list(ids)
        with psycopg.connect(url, connect_timeout=3) as connection:
            rows = connection.execute(
                "SELECT id FROM ledger_forecasts WHERE id = ANY(%s) "
                "UNION SELECT id FROM ledger_signals WHERE id = ANY(%s)",
                (wanted, wanted),
            )
            return {row[0] for row in rows}

    return find


def in_sqlite(file: Path) -> Callable[[Iterable[str]], set[str]]:
    """Looks ids up in a SQLite file."""

    def find(ids: Iterable[str]) -> set[str]:
        connection = sqlite3.connect(file, timeout=3)
        try:
            rows = connection.execute(
                "SELECT id FROM ledger_forecasts UNION SELECT id FROM ledger_signals"
            )
            return {row[0] for row in rows}.intersection(ids)
        finally:
            connection.close()

    return find
