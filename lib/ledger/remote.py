"""The ledger in Redis or Upstash, for hosts without a disk that lasts.

    v1:ledger:{world}:days            sorted set: the hashes below, by day
    v1:ledger:{world}:{kind}:due      sorted set: `day:id` of what has no outcome yet, by due time
    v1:ledger:{world}:{kind}:{day}    hash: `r:id` the record, `u:id` its P(up), `o:id` its outcome

A day is that of the close that records were said at. All keys run out `keep_days` after the last
write to them. Each part of a record is set only where it is missing, so nothing counts twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from lib.clock import Clock
from lib.ledger.book import Rows
from lib.ledger.records import Record
from lib.ledger.remote_rows import (
    KINDS,
    SCORE,
    WRITE,
    by_day,
    by_kind,
    days_key,
    due_key,
    hash_key,
    outcome_of,
    read_hashes,
    read_record,
    text_of,
    words_of,
)
from lib.store.remote import Command, RemoteStore
from lib.timeframes import DAY_MS

PATIENCE_S: Final = 2.0
MOST_DUE: Final = 2000
_AT_ONCE: Final = 500  # records in one script: some 200 KB
_HASHES: Final = 14  # in one reply: a week of both kinds


class RemoteBook:
    """A `Book` in a store: one round trip to write or to score, two to see what is due, one and
    one a week to report. `open_store` is called at the first need."""

    def __init__(
        self,
        open_store: Callable[[], RemoteStore],
        clock: Clock,
        keep_days: int,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._open = open_store
        self._store: RemoteStore | None = None
        self._clock = clock
        self._keep_days = keep_days
        self._patience_s = patience_s

    async def write(self, records: Sequence[Record]) -> None:
        oldest, ttl_ms = self._oldest(), self._keep_days * DAY_MS
        commands: list[Command] = []
        for (world, kind, day), group in by_day(records).items():
            keys = (days_key(world), due_key(world, kind), hash_key(world, kind, day))
            for part in _parts(group, _AT_ONCE):
                words = [word for record in part for word in words_of(record)]
                commands.append(["EVAL", WRITE, 3, *keys, day, oldest, ttl_ms, *words])
        await self._send(commands or [["PING"]])  # nothing to write still tells whether one could

    async def due(self, world: str, now_ms: int) -> Rows:
        listed = await self._send(
            [
                ["ZREVRANGEBYSCORE", due_key(world, kind), now_ms, "-inf", "LIMIT", 0, MOST_DUE]
                for kind in KINDS
            ]
        )
        places = [
            (kind, *text_of(name).split(":", 1))
            for kind, names in zip(KINDS, listed, strict=True)
            for name in names
        ]
        return by_kind(sorted(await self._open_ones(world, places), key=lambda row: -row.due_ms))

    async def score(self, records: Sequence[Record]) -> None:
        commands: list[Command] = []
        for (world, kind, day), group in by_day(records).items():
            for part in _parts(group, _AT_ONCE):
                words = [word for record in part for word in (record.id, outcome_of(record))]
                keys = (due_key(world, kind), hash_key(world, kind, day))
                commands.append(["EVAL", SCORE, 2, *keys, day, *words])
        await self._send(commands)

    async def read(
        self, world: str, since_ms: int, symbol: str | None, model: str | None = None
    ) -> Rows:
        first = max(since_ms // DAY_MS, self._oldest())
        (names,) = await self._send([["ZRANGEBYSCORE", days_key(world), first, "+inf"]])
        rows: list[Record] = []
        for part in _parts(list(map(text_of, names)), _HASHES):
            replies = await self._send([["HGETALL", name] for name in part])
            rows += await asyncio.to_thread(read_hashes, part, replies)
        wanted = (
            row
            for row in rows
            if row.origin_ms >= since_ms
            and symbol in (None, row.symbol)
            and model in (None, row.model)
        )
        return by_kind(sorted(wanted, key=lambda row: (row.origin_ms, row.id)))

    async def aclose(self) -> None:
        if self._store:
            await self._store.aclose()

    async def _open_ones(self, world: str, places: Sequence[Sequence[str]]) -> list[Record]:
        """The records at (kind, day, id) that have no outcome; those that ran out are forgotten."""
        asked: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, day, name in places:
            asked[kind, day] += (f"{mark}:{name}" for mark in "ruo")
        replies = await self._send(
            [
                ["HMGET", hash_key(world, kind, int(day)), *fields]
                for (kind, day), fields in asked.items()
            ]
        )
        rows: list[Record] = []
        gone: dict[str, list[str]] = defaultdict(list)
        for ((kind, day), fields), reply in zip(asked.items(), replies, strict=True):
            for at in range(0, len(fields), 3):
                row = read_record(kind, *reply[at : at + 3])
                if row is None:
                    gone[kind].append(f"{day}:{fields[at][2:]}")
                elif row.outcome is None:
                    rows.append(row)
        await self._send([["ZREM", due_key(world, kind), *names] for kind, names in gone.items()])
        return rows

    async def _send(self, commands: list[Command]) -> list[Any]:
        if not commands:
            return []
        if self._store is None:
            self._store = await asyncio.to_thread(self._open)  # its library's import takes 100 ms
        async with asyncio.timeout(self._patience_s):
            return await self._store.send(commands)

    def _oldest(self) -> int:
        return self._clock.now_ms() // DAY_MS - self._keep_days


def _parts(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
