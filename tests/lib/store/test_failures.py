"""Real servers that die, hang and talk nonsense behind a guarded store."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from lib.store import PATIENCE_S
from lib.store.guarded import GuardedStore
from lib.store.redis import RedisStore
from lib.store.remote import RemoteStore
from lib.store.upstash import UpstashStore
from tests.conftest import StillClock
from tests.servers import RedisServer, free_port, parrot
from tests.upstash_rest import UpstashRest

pytestmark = pytest.mark.anyio

KINDS = ["redis", "upstash"]
NONSENSE = {
    "a web page": b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html>hi</html",
    "a list": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "a string": b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"hi"',
    "another shape": b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}',
    "a wrong type": b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"result":[1]}',
    "an error": b'HTTP/1.1 500 No\r\nContent-Length: 14\r\n\r\n{"error":"ERR"}',
    "noise": b"\x00\xff\x13\r\n\r\n",
    "half a reply": b"$100\r\nabc",
    "a redis list": b"*1\r\n:1\r\n",
    "a redis error": b"-ERR no\r\n",
    "silence": None,
}


@pytest.fixture
def mortal_redis() -> Iterator[RedisServer]:
    """A Redis to be killed or paused by one test."""
    with RedisServer() as server:
        yield server
        server.resume()


@pytest.fixture(params=KINDS)
async def store(
    request: pytest.FixtureRequest, mortal_redis: RedisServer
) -> AsyncIterator[RemoteStore]:
    """Each kind of store in turn, with the patience of production."""
    if request.param == "redis":
        redis = RedisStore(mortal_redis.url)
        yield redis
        await redis.aclose()
        return
    with UpstashRest(mortal_redis.port) as rest:
        upstash = UpstashStore(rest.url, rest.token)
        yield upstash
        await upstash.aclose()


def reach(kind: str, port: int) -> RemoteStore:
    """A store of this kind at a port where something else may listen."""
    if kind == "redis":
        return RedisStore(f"redis://127.0.0.1:{port}/0")
    return UpstashStore(f"http://127.0.0.1:{port}", "token")


async def put_until_kept(guarded: GuardedStore, clock: StillClock, key: str, value: bytes) -> None:
    """Put a value, again if the machine was too busy just then."""
    while await guarded.get(key) != value:
        clock.advance(6)
        await guarded.put(key, value, 600)


def test_no_round_trip_may_take_longer_than_promised() -> None:
    assert PATIENCE_S <= 0.15


async def test_a_store_killed_in_mid_run_misses_and_comes_back(
    store: RemoteStore, mortal_redis: RedisServer, clock: StillClock
) -> None:
    guarded = GuardedStore(store, clock)
    await put_until_kept(guarded, clock, "v1:k", b"1")

    mortal_redis.kill()
    dead = [await guarded.get("v1:k"), await guarded.claim("v1:c", 60, "v1:value")]
    dead_state = guarded.state
    mortal_redis.start()
    await put_until_kept(guarded, clock, "v1:k", b"2")

    assert (dead, dead_state) == ([None, (True, None)], "down")
    assert guarded.state == "up"


async def test_a_store_that_hangs_is_given_up(
    store: RemoteStore, mortal_redis: RedisServer, clock: StillClock
) -> None:
    guarded = GuardedStore(store, clock)
    await put_until_kept(guarded, clock, "v1:k", b"1")

    mortal_redis.pause()
    missed = await guarded.get("v1:k")

    assert (missed, guarded.state, guarded.last_error) == (None, "down", "TimeoutError")


async def test_a_late_reply_is_not_taken_for_the_next(
    store: RemoteStore, mortal_redis: RedisServer, clock: StillClock
) -> None:
    guarded = GuardedStore(store, clock)
    await put_until_kept(guarded, clock, "v1:a", b"a")
    await put_until_kept(guarded, clock, "v1:b", b"b")

    mortal_redis.pause()
    await guarded.get("v1:a")
    mortal_redis.resume()
    answers = set()
    for _ in range(20):
        clock.advance(6)
        answers.add(await guarded.get("v1:b"))

    assert b"b" in answers
    assert answers <= {b"b", None}


async def test_a_connection_that_was_closed_while_idle_is_no_failure(
    mortal_redis: RedisServer,
) -> None:
    store = RedisStore(mortal_redis.url, patience_s=20)
    await store.put("v1:k", b"1", 60)
    await asyncio.to_thread(mortal_redis.kill)
    await asyncio.to_thread(mortal_redis.start)
    mortal_redis.ask("SET", "v1:k", "2")

    value = await store.get("v1:k")
    await store.aclose()

    assert value == b"2"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_a_miss(kind: str, answer: bytes | None, clock: StillClock) -> None:
    with parrot(answer) as port:
        guarded = GuardedStore(reach(kind, port), clock)
        answers = []
        for call in (
            guarded.get("v1:k"),
            guarded.put("v1:k", b"1", 60),
            guarded.settle("v1:k", b"1", 60, "v1:c"),
            guarded.add("v1:n", 1, 60),
            guarded.add_all({"v1:n": 1, "v1:m": 1}, 60),
        ):
            answers.append(await call)
            clock.advance(6)
        await guarded.aclose()

    assert answers[:3] == [None, None, None]
    assert answers[4] is None
    assert guarded.state == "down"


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_listening_is_a_miss(kind: str, clock: StillClock) -> None:
    guarded = GuardedStore(reach(kind, free_port()), clock)

    missed = await guarded.get("v1:k")
    await guarded.aclose()

    assert (missed, guarded.state) == (None, "down")


async def test_a_wrong_token_is_a_miss(mortal_redis: RedisServer, clock: StillClock) -> None:
    with UpstashRest(mortal_redis.port) as rest:
        guarded = GuardedStore(UpstashStore(rest.url, "another"), clock)
        answers = [await guarded.get("v1:k")]
        clock.advance(6)
        answers.append(await guarded.settle("v1:k", b"1", 60, "v1:c"))
        await guarded.aclose()

    assert (answers, guarded.state) == ([None, None], "down")


def test_a_url_that_is_none_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="scheme"):
        RedisStore("localhost:6379")


def test_importing_the_stores_loads_no_client_library() -> None:
    program = (
        "import sys, lib.store.redis, lib.store.upstash, lib.store.guarded, lib.limits, lib.auth\n"
        "heavy = {'redis', 'upstash_redis', 'httpx', 'ipaddress', 'starlette'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("colour=red", "an option after '\\?' is not known"),
        ("socket_timeout=canary", "Invalid value for 'socket_timeout'"),
    ],
)
def test_an_option_that_there_is_not_is_said_at_once(option: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refusal:
        RedisStore(f"redis://:canary@127.0.0.1:6379/0?{option}")

    assert "canary" not in str(refusal.value)
