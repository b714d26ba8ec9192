"""Both stores over one real Redis."""

from collections.abc import AsyncIterator, Iterator

import pytest

from lib.store.redis import RedisStore
from lib.store.remote import RemoteStore
from lib.store.upstash import UpstashStore
from tests.servers import RedisServer
from tests.upstash_rest import UpstashRest

PATIENT_S = 20.0  # a busy machine is no failure of the store


@pytest.fixture(scope="session")
def running_redis() -> Iterator[RedisServer]:
    """One Redis for all tests that leave it alive."""
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def running_rest(running_redis: RedisServer) -> Iterator[UpstashRest]:
    """Upstash's REST API in front of the same Redis."""
    with UpstashRest(running_redis.port) as rest:
        yield rest


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """The running Redis, emptied."""
    running_redis.ask("FLUSHALL")
    return running_redis


@pytest.fixture
def rest(redis_server: RedisServer, running_rest: UpstashRest) -> UpstashRest:
    """The running REST server over the emptied Redis."""
    running_rest.requests.clear()
    return running_rest


@pytest.fixture(params=["redis", "upstash"])
async def store(
    request: pytest.FixtureRequest, redis_server: RedisServer
) -> AsyncIterator[RemoteStore]:
    """Each kind of store in turn, over the emptied Redis."""
    made: RemoteStore
    if request.param == "redis":
        made = RedisStore(redis_server.url, PATIENT_S)
    else:
        rest: UpstashRest = request.getfixturevalue("rest")
        made = UpstashStore(rest.url, rest.token, PATIENT_S)
    yield made
    await made.aclose()


@pytest.fixture
async def other_store(redis_server: RedisServer) -> AsyncIterator[RemoteStore]:
    """The store of another process, over the same Redis."""
    made = RedisStore(redis_server.url, PATIENT_S)
    yield made
    await made.aclose()
