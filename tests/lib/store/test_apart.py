"""The sandbox and live processes may use one store, and never find each other's values there."""

import httpx
import pytest

from lib.feeds import TICKERS
from lib.market import Pair
from lib.queries import PairQuery
from lib.runtime import Runtime, build_runtime
from lib.sandbox import create_sandbox
from lib.settings import Settings
from lib.sourced import NoSource
from lib.store.apart import SANDBOX, ApartStore
from lib.store.remote import RemoteStore
from tests.conftest import StillClock
from tests.house import NOW_MS
from tests.servers import RedisServer

pytestmark = pytest.mark.anyio

BTC = PairQuery(Pair("BTC", "USDT"))


async def test_what_is_put_there_is_found_there_alone(store: RemoteStore) -> None:
    apart = ApartStore(store, "other:")
    await apart.put("v1:k", b"made up", 60)
    await store.put("v1:k", b"true", 60)

    assert (await apart.get("v1:k"), await store.get("v1:k")) == (b"made up", b"true")


async def test_claims_there_are_nobody_elses(store: RemoteStore) -> None:
    apart = ApartStore(store, "other:")
    await store.put("v1:k", b"true", 60)
    first = await apart.claim("v1:c", 60, "v1:k")
    again = await ApartStore(store, "other:").claim("v1:c", 60, "v1:k")
    elsewhere = await store.claim("v1:c", 60, "v1:k")
    await apart.settle("v1:k", b"made up", 60, "v1:c")
    settled = await apart.claim("v1:c", 60, "v1:k")
    await apart.release("v1:c")
    released = await apart.claim("v1:c", 60, "v1:k")

    assert [claim.mine for claim in (first, again, elsewhere)] == [True, False, True]
    assert (first.value, elsewhere.value) == (None, b"true")
    assert (settled.mine, settled.value, released.mine) == (True, b"made up", True)


async def test_counts_there_are_its_own_under_the_names_asked(store: RemoteStore) -> None:
    apart = ApartStore(store, "other:")
    await store.add("v1:n", 5, 60)

    assert await apart.add("v1:n", 1, 60) == 1
    assert await apart.add_all({"v1:n": 2, "v1:m": 3}, 60) == {"v1:n": 3, "v1:m": 3}
    assert await store.add("v1:n", 1, 60) == 6


def process(url: str, transport: httpx.AsyncBaseTransport, *, sandbox: bool) -> Runtime:
    settings = Settings.load({"REDIS_URL": url, "BINANCE_BASE_URL": "http://sandbox/binance"})
    clock = StillClock(NOW_MS)
    return build_runtime(
        settings, transport=transport, clock=clock, sandbox=sandbox, names=["binance"], inline=True
    )


def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network here", request=request)


async def test_a_price_that_the_sandbox_made_up_is_never_a_live_processes_answer(
    redis_server: RedisServer,
) -> None:
    played = create_sandbox(1, lambda: NOW_MS)
    made_up = process(redis_server.url, httpx.ASGITransport(played), sandbox=True)
    live = process(redis_server.url, httpx.MockTransport(unreachable), sandbox=False)
    kept = await made_up.highway.fetch(TICKERS, BTC)
    with pytest.raises(NoSource):
        await live.highway.fetch(TICKERS, BTC)
    for runtime in (made_up, live):
        await runtime.aclose()

    assert kept.value.last > 0
    assert SANDBOX.encode() in redis_server.ask("KEYS", "*tickers*")
