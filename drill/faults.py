"""Everything that is broken: each fault breaks something, waits, and mends it."""

import asyncio
import contextlib
import resource
from collections.abc import Callable, Coroutine
from typing import Any, Final

from drill.ground import Ground

Fault = Callable[[Ground, float], Coroutine[Any, Any, None]]
"""Breaks for so many seconds; all is mended when it returns."""

MANNERS: Final = (
    "refuse", "hang", "429", "429:7", "418", "451", "403", "500", "truncated", "html", "shape",
    "empty", "zero", "nan",
)  # fmt: skip
"""Every manner in which an upstream fails."""

FIRST: Final = (
    "binance", "coingecko", "alternative_me", "coinbase", "kraken", "coinmarketcap", "okx",
    "coinpaprika", "kucoin",
)  # fmt: skip
"""The market's upstreams, those asked first at the front."""

STEP_S: Final = 0.5
IDLE: Final = 150
"""Connections that ask for nothing; more than descriptors are left."""


async def nothing(_: Ground, seconds: float) -> None:
    """Nothing is broken."""
    await asyncio.sleep(seconds)


def upstreams(manner: str) -> Fault:
    """Each upstream fails in one manner, one after another, until all do so at once."""

    async def run(ground: Ground, seconds: float) -> None:
        failing: dict[str, str] = {}
        for name in FIRST:
            failing[name] = manner
            ground.upstream.set(failing)
            await asyncio.sleep(STEP_S)
        ground.upstream.set(dict.fromkeys(ground.upstream.sources, manner))
        await asyncio.sleep(max(1.0, seconds - STEP_S * len(FIRST)))
        ground.upstream.set({})

    return run


async def first_venues(ground: Ground, seconds: float) -> None:
    """The venues that tell first fail: the books of the next are kept level by level."""
    ground.upstream.set(dict.fromkeys(("binance", "kraken", "okx"), "refuse"))
    await asyncio.sleep(seconds)
    ground.upstream.set({})


async def each_otherwise(ground: Ground, seconds: float) -> None:
    """All upstreams fail at once, each in another manner."""
    sources = ground.upstream.sources
    ground.upstream.set({s: MANNERS[i % len(MANNERS)] for i, s in enumerate(sources)})
    await asyncio.sleep(seconds)
    ground.upstream.set({})


async def upstreams_gone(ground: Ground, seconds: float) -> None:
    """Nobody listens at any upstream; their streams are cut."""
    ground.upstream.kill()
    await asyncio.sleep(seconds)
    ground.upstream.start()


async def upstreams_hang(ground: Ground, seconds: float) -> None:
    """Every upstream accepts and says nothing, their streams too."""
    ground.upstream.pause()
    await asyncio.sleep(seconds)
    ground.upstream.resume()


async def redis_killed(ground: Ground, seconds: float) -> None:
    """Redis dies and comes back empty."""
    ground.redis.kill()
    await asyncio.sleep(seconds)
    await asyncio.to_thread(ground.redis.start)


async def redis_paused(ground: Ground, seconds: float) -> None:
    """Redis hangs: its connections stay open."""
    ground.redis.pause()
    await asyncio.sleep(seconds)
    ground.redis.resume()


async def redis_flushed(ground: Ground, seconds: float) -> None:
    """Redis forgets everything, again and again."""
    for _ in range(4):
        ground.redis.ask("FLUSHALL")
        await asyncio.sleep(seconds / 4)


async def redis_read_only(ground: Ground, seconds: float) -> None:
    """Redis becomes a replica of nobody: it can be read and not written."""
    ground.redis.ask("REPLICAOF", "127.0.0.1", "9")
    await asyncio.sleep(seconds)
    ground.redis.ask("REPLICAOF", "NO", "ONE")


async def redis_full(ground: Ground, seconds: float) -> None:
    """Redis has no memory left for writes."""
    ground.redis.ask("CONFIG", "SET", "maxmemory", "1")
    await asyncio.sleep(seconds)
    ground.redis.ask("CONFIG", "SET", "maxmemory", "0")


async def postgres_killed(ground: Ground, seconds: float) -> None:
    """PostgreSQL dies and comes back with what was committed."""
    await asyncio.to_thread(ground.postgres.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(ground.postgres.start)


async def postgres_restarted(ground: Ground, _: float) -> None:
    """PostgreSQL restarts as fast as it can: every connection is cut."""
    await asyncio.to_thread(ground.postgres.stop)
    await asyncio.to_thread(ground.postgres.start)


async def server_killed(ground: Ground, seconds: float) -> None:
    """One of the two servers dies and is started again."""
    ground.pair[0].kill()
    await asyncio.sleep(seconds)
    ground.pair[0].start()


async def server_paused(ground: Ground, seconds: float) -> None:
    """One of the two servers hangs: its connections stay open."""
    ground.pair[1].pause()
    await asyncio.sleep(seconds)
    ground.pair[1].resume()


def clocks(hours: float, *, both: bool = True) -> Fault:
    """The wall clock of both servers, or of one, jumps, and jumps back."""

    async def run(ground: Ground, seconds: float) -> None:
        moved = ground.pair if both else ground.pair[:1]
        for server in moved:
            server.move_clock(hours * 3600)
        await asyncio.sleep(seconds)
        for server in moved:
            server.move_clock(0)

    return run


async def no_such_host(ground: Ground, seconds: float) -> None:
    """One server is told an address for Binance that does not resolve."""
    server = ground.pair[0]
    server.stop()
    server.start(BINANCE_BASE_URL="http://binance.invalid", BINANCE_WS_URL="ws://binance.invalid")
    await server.ready()
    await asyncio.sleep(seconds)
    server.stop()
    server.start()


async def disk_full(ground: Ground, seconds: float) -> None:
    """The server whose ledger is a file can write no byte to any file."""
    ground.alone.limit(resource.RLIMIT_FSIZE, 0)
    await asyncio.sleep(seconds)
    ground.alone.limit(resource.RLIMIT_FSIZE, None)


async def no_descriptors(ground: Ground, seconds: float) -> None:
    """Idle connections take up every descriptor that one server may have."""
    server = ground.pair[0]
    server.limit(resource.RLIMIT_NOFILE, server.open_files() + 5)
    held: list[asyncio.StreamWriter] = []
    for _ in range(IDLE):
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.2):
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            held.append(writer)
    await asyncio.sleep(seconds)
    for writer in held:
        writer.close()
    server.limit(resource.RLIMIT_NOFILE, None)
