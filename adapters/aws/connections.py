"""The table of live connections in DynamoDB: who is there, and who follows what.

    pk             sk      holds
    connection#ID  .       one connection: its channel, caller, topics, version
    topic#TOPIC    ID      that it follows this topic
    topics         TOPIC   that somebody follows it, and when somebody last began to
    hello          ID      that its first frame is owed
    lease          pump    who posts at the moment

Every row has `expires_at`, by which DynamoDB deletes it, but days late: whoever reads passes over
what has run out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.aws.dynamodb import Row, Table
from lib.clock import Clock
from lib.live.topics import Topic, parse_topic

LONGEST_S: Final = 2 * 3600 + 600
"""API Gateway ends a connection after two hours; nothing outlives it by much."""

SETTLING_MS: Final = 2000
"""Before it has been open for so long, API Gateway may say of a connection that it is gone."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection between two of its messages.

    Attributes:
        channel: the one whose socket it opened.
        caller: whom it counts for: an address or the name of a key.
        key_name: of the key that it showed; empty for none.
        version: counts changes, so that of two messages at once none undoes the other.
    """

    id: str
    channel: str
    caller: str
    key_name: str = ""
    topics: frozenset[Topic] = frozenset()
    version: int = 0


class Connections:
    """What the table holds. Every call may raise `TableFailed`."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    # of one connection

    async def open(self, one: Connection, *, greets: bool) -> None:
        """A new connection; `greets` owes it a first frame."""
        row = {"channel": one.channel, "caller": one.caller, "key_name": one.key_name}
        await self._table.put({**_own(one.id), **row, "version": 0, **self._life()})
        if greets:
            since = {"channel": one.channel, "since_ms": self._clock.now_ms()}
            await self._table.put({"pk": "hello", "sk": one.id, **since, **self._life()})

    async def find(self, connection: str) -> Connection | None:
        """A connection as the last message left it."""
        row = await self._table.get(_own(connection))
        if row is None or row["expires_at"] <= self._now_s():
            return None
        return _connection(connection, row)

    async def save(
        self, before: Connection, after: Connection, asked: Collection[Topic] = ()
    ) -> bool:
        """Change a connection, unless another message did so since it was found, or it has gone.

        Args:
            asked: topics to be followed; those that are followed already are written once more,
                in case they got lost.
        """
        told = {"topics": sorted(t.key for t in after.topics), "key_name": after.key_name}
        saved = await self._table.update(
            _own(before.id), {**told, "version": before.version + 1}, {"version": before.version}
        )
        if not saved:
            return False
        touched = {"since_ms": self._clock.now_ms(), **self._life()}
        rows: list[Row] = []
        for topic in after.topics & set(asked):
            rows += [
                {**_follows(topic, before.id), **self._life()},
                {"pk": "topics", "sk": topic.key, **touched},
            ]
        await self._table.write(
            rows, [_follows(t, before.id) for t in before.topics - after.topics]
        )
        return True

    async def close(self, connection: str, also: Iterable[Topic] = ()) -> None:
        """Forget a connection and what it follows.

        Args:
            also: topics that it was found under, should its own row be gone.
        """
        row = await self._table.delete(_own(connection))
        topics = {*also, *(_connection(connection, row).topics if row else ())}
        hello = {"pk": "hello", "sk": connection}
        await self._table.write([], [hello, *(_follows(topic, connection) for topic in topics)])

    async def claim_hello(self, connection: str) -> bool:
        """Whether the caller is the one to say the first frame: true once a connection."""
        return await self._table.delete({"pk": "hello", "sk": connection}) is not None

    # of all

    async def owed_hellos(self) -> dict[str, str]:
        """The channels of those that have waited for their first frame for a while, by id."""
        settled_ms = self._clock.now_ms() - SETTLING_MS
        rows = await self._table.query("hello", self._now_s())
        return {row["sk"]: row["channel"] for row in rows if row["since_ms"] <= settled_ms}

    async def watched(self) -> dict[Topic, int]:
        """Topics that somebody follows or did lately, and when somebody last began to, Unix ms."""
        rows = await self._table.query("topics", self._now_s())
        return {parse_topic(row["sk"]): row["since_ms"] for row in rows}

    async def followers(self, topic: Topic) -> list[str]:
        """Who follows a topic."""
        rows = await self._table.query(f"topic#{topic.key}", self._now_s())
        return [row["sk"] for row in rows]

    async def unwatch(self, topic: Topic, since_ms: int) -> None:
        """Forget a topic that nobody follows, unless somebody has begun to since then."""
        await self._table.delete({"pk": "topics", "sk": topic.key}, {"since_ms": since_ms})

    async def take_lease(self, holder: str, until_ms: int) -> bool:
        """Become the one who posts until then, unless somebody else is."""
        row = {"pk": "lease", "sk": "pump", "holder": holder, "until_ms": until_ms}
        return await self._table.put(
            {**row, **self._life()}, unless_later=("until_ms", self._clock.now_ms())
        )

    async def give_up_lease(self, holder: str) -> None:
        """Let somebody else be it."""
        await self._table.delete({"pk": "lease", "sk": "pump"}, {"holder": holder})

    def _life(self) -> dict[str, int]:
        return {"expires_at": self._now_s() + LONGEST_S}

    def _now_s(self) -> int:
        return self._clock.now_ms() // 1000


def _own(connection: str) -> dict[str, str]:
    return {"pk": f"connection#{connection}", "sk": "."}


def _follows(topic: Topic, connection: str) -> dict[str, str]:
    return {"pk": f"topic#{topic.key}", "sk": connection}


def _connection(connection: str, row: Mapping[str, Any]) -> Connection:
    return Connection(
        id=connection,
        channel=row["channel"],
        caller=row["caller"],
        key_name=row["key_name"],
        topics=frozenset(parse_topic(key) for key in row.get("topics", ())),
        version=row["version"],
    )
