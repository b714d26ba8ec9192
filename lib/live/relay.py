"""Several processes as one: each topic has one reader of upstreams, all hear what it publishes.

In Redis there are, for each channel, a stream of the last messages and their last number, and for
each topic a lease. Whoever holds the lease reads upstreams and publishes; a message of one whose
lease has gone to another meanwhile is refused there, however late it comes. All processes, the
leader included, hand out what they read back, so numbers and order are the same everywhere.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, cast

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from lib.clock import Clock
from lib.live.hub import Hub
from lib.live.keys import LIVE, Keys
from lib.live.replay import KEPT_MS
from lib.live.scripts import LEASE, PUBLISH, RAISE, RELEASE
from lib.live.topics import Topic, parse_topic
from lib.live.updates import Item, Kind, Update, build_update, encode

LEASE_MS: Final = 2500
RENEW_S: Final = 0.5
PATIENCE_S: Final = 1.0
BLOCK_MS: Final = 1000
MOST_WAITING: Final = 20_000
MOST_TOLD: Final = 5_000

_log = logging.getLogger("dreammaker.live")


class Relay:
    """A publisher that shares with the other processes on one Redis.

    While Redis does not answer, each process leads everything it has listeners for.
    """

    def __init__(self, url: str, hub: Hub, clock: Clock, keys: Keys = LIVE) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=None,
            protocol=2,
        )
        self._hub = hub
        self._clock = clock
        self._keys = keys
        self._mark = secrets.token_hex(8)
        self._alone = True  # until Redis has answered
        self._wanted: set[Topic] = set()
        self._tokens: dict[Topic, int] = {}
        self._outbox: deque[Item] = deque(maxlen=MOST_WAITING)
        self._sending = False
        self._renewed = asyncio.Event()
        self._told_alone: dict[bytes, None] = {}
        self._unread: dict[str, deque[tuple[bytes, Item]]] = {
            name: deque() for name in hub.channels
        }
        self._work = asyncio.Event()
        self._news = asyncio.Event()
        self._read_from = dict.fromkeys(hub.channels, "0-0")
        self._lease = self._redis.register_script(LEASE)
        self._release = self._redis.register_script(RELEASE)
        self._raising = self._redis.register_script(RAISE)
        self._publish = self._redis.register_script(PUBLISH)

    # for the tower

    def publish(self, items: Sequence[Item]) -> None:
        """Number them with the others, or alone if there is nobody to be asked; in order even if
        that changes while some are on their way."""
        if self._alone and not self._sending and not self._outbox:
            self._number(items)
            return
        self._outbox.extend(items)
        self._work.set()

    def leads(self, topic: Topic) -> bool:
        """Whether this process holds the topic's lease."""
        return self._alone or topic in self._tokens

    def follow(self, topics: Iterable[Topic]) -> None:
        """What this process has listeners for."""
        wanted = set(topics)
        if wanted - self._wanted:
            self._news.set()
        self._wanted = wanted

    # tasks

    async def ready(self) -> None:
        """Take over what was published lately, so that whoever returns finds it here, too."""
        try:
            async with asyncio.timeout(2 * PATIENCE_S):
                for name in self._hub.channels:
                    await self._catch_up(name)
            self._alone = False
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)

    async def run(self) -> None:
        """Keep leases, send and read until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_leases())
                tasks.create_task(self._send())
                tasks.create_task(self._read())
        finally:
            await self._give_up()
            await self._redis.aclose()

    async def _catch_up(self, name: str) -> None:
        since = self._clock.now_ms() - KEPT_MS
        replay = self._hub.replays[name]
        begun = replay.last
        entries: Any = await self._redis.xrange(self._keys.said(name), min=since)
        replay.restart(0)  # what others said has lower numbers than those that begin here
        updates = [one for entry in entries or () for one in self._updates(name, entry)]
        if updates:
            self._read_from[name] = entries[-1][0].decode()
            replay.restart(updates[0].seq - 1)
            self._hub.remember(updates)
        else:
            replay.restart(begun)
            replay.restart(await self._raise(name))
            self._read_from[name] = f"{since}-0"

    async def _raise(self, name: str) -> int:
        last = self._hub.replays[name].last
        return int(cast("bytes", await self._raising(keys=[self._keys.number(name)], args=[last])))

    async def _keep_leases(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    if self._alone:
                        for name in self._hub.channels:
                            await self._raise(name)
                    await self._renew()
                self._renewed.set()
                if self._alone:
                    _log.info("relay.back")
                    self._alone = False
                    await self._rejoin()
            except (RedisError, OSError, TimeoutError) as error:
                self._lose(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW_S):
                    await self._news.wait()
            self._news.clear()

    async def _renew(self) -> None:
        topics = list(self._wanted)
        gone = {topic: token for topic, token in self._tokens.items() if topic not in self._wanted}
        if gone:
            await self._free(gone)
        tokens: list[int] = []
        if topics:
            keys = [self._keys.fence, *map(self._keys.held, topics)]
            tokens = cast("list[int]", await self._lease(keys=keys, args=[self._mark, LEASE_MS]))
        else:
            await self._redis.ping()
        self._tokens = {t: token for t, token in zip(topics, tokens, strict=True) if token}

    async def _rejoin(self) -> None:
        """While the leaders changed, something may have been told to others only: listeners of
        what must be whole are told so."""
        for name in self._hub.channels:
            if self._whole(name):
                led_elsewhere = self._wanted - self._tokens.keys()
                self._hub.number([_gap(one) for one in led_elsewhere if one.channel == name])
            await self._raise(name)

    async def _free(self, tokens: dict[Topic, int]) -> None:
        values = [f"{self._mark}:{token}" for token in tokens.values()]
        await self._release(keys=[self._keys.held(topic) for topic in tokens], args=values)

    async def _give_up(self) -> None:
        """Let others take over at once."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._tokens:
                    await self._free(self._tokens)
        except (RedisError, OSError, TimeoutError):
            return  # the leases run out by themselves

    def _lose(self, error: Exception) -> None:
        if not self._alone:
            _log.warning("relay.lost", extra={"why": type(error).__name__})
        self._alone = True
        for unread in self._unread.values():
            # what was sent and never came back was heard by nobody here
            items = [item for _, item in unread]
            unread.clear()
            self._number(items)

    def _number(self, items: Sequence[Item]) -> None:
        """Tell here alone; the same may yet come from another."""
        self._hub.number(items)
        for item in items:
            if self._whole(item.topic.channel):
                self._told_alone[_pack(item)] = None
        while len(self._told_alone) > MOST_TOLD:
            del self._told_alone[next(iter(self._told_alone))]

    def _whole(self, name: str) -> bool:
        """Whether none of a channel's messages may be missing."""
        return self._hub.channels[name].delivery == "queue"

    async def _send(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            items = list(self._outbox)
            self._outbox.clear()
            self._sending = True
            refused: list[Item] = []
            for name in dict.fromkeys(item.topic.channel for item in items):
                own = [one for one in items if one.topic.channel == name]
                refused += await self._send_some(name, own)
            if refused:
                await self._send_again(refused)
            self._sending = False

    async def _send_again(self, refused: Sequence[Item]) -> None:
        """A lease may be lost to another, who tells this now, or only gone with Redis's memory:
        once it is known, what is still led here is sent before anything newer."""
        self._renewed.clear()
        self._news.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * PATIENCE_S):
                await self._renewed.wait()
        self._outbox.extendleft(reversed(refused))
        self._work.set()

    async def _send_some(self, name: str, items: Sequence[Item]) -> list[Item]:
        """Publish; those messages whose topics seem to be led by another."""
        if self._alone:
            self._number(items)
            return []
        led = [(item, self._tokens.get(item.topic)) for item in items]
        sent = [(item, token, _pack(item)) for item, token in led if token]
        self._unread[name].extend((packed, item) for item, _, packed in sent)
        refused: list[Item] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                for at in range(0, len(sent), 500):  # Lua's unpack has its limits
                    refused += await self._publish_some(name, sent[at : at + 500])
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
        return refused

    async def _publish_some(
        self, name: str, some: Sequence[tuple[Item, int, bytes]]
    ) -> Sequence[Item]:
        args: list[str | int | bytes] = [self._hub.replays[name].last, KEPT_MS]
        for _, token, packed in some:
            args += [f"{self._mark}:{token}", packed]
        own = self._keys
        keys = [own.said(name), own.number(name), *(own.held(item.topic) for item, _, _ in some)]
        taken = cast("list[int]", await self._publish(keys=keys, args=args))
        refused = [item for (item, _, _), was in zip(some, taken, strict=True) if not was]
        if refused:
            unread = self._unread[name]
            kept = [one for one in unread if not any(one[1] is item for item in refused)]
            unread.clear()
            unread.extend(kept)
        return refused

    async def _read(self) -> None:
        while True:
            try:
                streams: dict[Any, Any] = {
                    self._keys.said(n): at for n, at in self._read_from.items()
                }
                async with asyncio.timeout(PATIENCE_S + BLOCK_MS / 1000):
                    found: Any = await self._redis.xread(streams, count=500, block=BLOCK_MS)
            except (RedisError, OSError, TimeoutError) as error:
                self._lose(error)
                await asyncio.sleep(RENEW_S)
                continue
            for key, entries in found or ():
                name = key.decode().rpartition(":")[2]
                for entry in entries:
                    self._read_from[name] = entry[0].decode()
                    self._hub.accept(self._updates(name, entry, whole=self._whole(name)))

    def _updates(self, name: str, entry: Any, *, whole: bool = False) -> list[Update]:
        """What of an entry was not told yet. `whole`: what another published before it knew our
        numbers gets a higher one rather than be left out."""
        identity, fields = entry
        last = self._hub.replays[name].last
        at_ms = int(identity.partition(b"-")[0])
        made = []
        for seq, packed in fields.items():
            number = int(seq)
            self._read_back(name, packed)
            if whole:
                number = 0 if packed in self._told_alone else max(number, last + 1)
            if number > last:
                last = number
                key, kind, source, body = msgspec.msgpack.decode(packed, type=_Packed)
                item = Item(parse_topic(key), cast("Kind", kind), body, source)
                made.append(build_update(self._hub.channels[name], item, number, at_ms))
        return made

    def _read_back(self, name: str, packed: bytes) -> None:
        """A message came; what this process sent before it came as well."""
        unread = self._unread[name]
        if any(mine == packed for mine, _ in unread):
            while unread.popleft()[0] != packed:
                pass


def _gap(topic: Topic) -> Item:
    said = {
        "type": "gap",
        "channel": topic.channel,
        "symbol": str(topic.pair),
        "reason": "another process tells this from now on; some may be missing in between",
    }
    return Item(topic, "gap", encode(said), "")


_Packed = tuple[str, str, str, bytes]


def _pack(item: Item) -> bytes:
    return msgspec.msgpack.encode((item.topic.key, item.kind, item.source, item.body))
