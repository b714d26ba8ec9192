"""Several processes over one Redis: one upstream reader, one numbering, a dead one is replaced."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any, NamedTuple

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from lib.sandbox import SandboxServer
from tests.live import Service, live_service
from tests.servers import RedisServer

pytestmark = pytest.mark.anyio


class Setting(NamedTuple):
    """Two services over one sandbox and one Redis."""

    redis: RedisServer
    sandbox: SandboxServer
    one: Service
    other: Service


@pytest.fixture
def setting() -> Iterator[Setting]:
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        sandbox = stack.enter_context(SandboxServer(seed=4))
        environment = sandbox.base_urls() | {"REDIS_URL": redis.url, "RATE_LIMIT_IP": "0"}
        environment |= {f"{n.upper()}_WS_URL": url for n, url in sandbox.ws_urls().items()}
        environment |= dict.fromkeys(("COINBASE_WS_URL", "OKX_WS_URL"), "ws://127.0.0.1:9")
        services = [
            stack.enter_context(live_service("--upstream", "live", **environment)) for _ in range(2)
        ]
        yield Setting(redis, sandbox, *services)


@asynccontextmanager
async def follow(service: Service, channel: str = "trades") -> AsyncIterator[ClientConnection]:
    async with connect(f"{service.socket}/ws/{channel}") as client:
        await client.recv()
        message = {"action": "subscribe", "channel": channel, "symbols": ["BTC/USDT"]}
        await client.send(json.dumps(message))
        await client.recv()
        yield client


async def collect(client: ClientConnection, seconds: float) -> list[Any]:
    """What comes in so many seconds."""
    found = []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for text in client:
                found.append(json.loads(text) | {"at": time.monotonic()})  # noqa: PERF401
    return found


async def test_two_processes_read_one_stream_and_say_the_same(setting: Setting) -> None:
    async with follow(setting.one) as one, follow(setting.other) as other:
        said, also = await asyncio.gather(collect(one, 4), collect(other, 4))

    texts = {message["seq"]: message["data"] for message in said if "data" in message}
    common = [m for m in also if m["seq"] in texts]
    assert streams(setting) == 1
    assert len(common) >= 2
    assert all(message["data"] == texts[message["seq"]] for message in common)


async def test_another_takes_over_within_5_s_and_no_trade_is_lost(setting: Setting) -> None:
    async with follow(setting.one) as leading:
        await collect(leading, 2)
        async with follow(setting.other) as following:
            before = await collect(following, 3)
            os.kill(setting.one.pid, signal.SIGKILL)
            died = time.monotonic()
            after = await collect(following, 8)

    seqs = [message["seq"] for message in before + after]
    ids = sorted(int(m["data"]["id"]) for m in before + after if "data" in m)
    assert after[0]["at"] - died < 5
    assert seqs == sorted(set(seqs))
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert streams(setting) == 2


async def test_prices_that_one_process_streams_another_answers_without_asking(
    setting: Setting,
) -> None:
    async with follow(setting.one, "ticker") as client:
        await collect(client, 2)
        for _ in range(15):  # what it once asked for itself is kept for 5 s
            answer = price(setting.other)
            if not answer["meta"]["sources_tried"]:
                break
            await collect(client, 1)

    assert (answer["meta"]["source"], answer["meta"]["sources_tried"]) == ("binance", [])


def price(service: Service) -> Any:
    """What a process answers."""
    return httpx.get(f"{service.root}/api/price/BTC", timeout=10, trust_env=False).json()


async def test_whoever_moves_to_another_process_misses_nothing(setting: Setting) -> None:
    first = await read(setting.one, "", 4)
    last = [line for line in first if line.startswith("id: ")][-1].removeprefix("id: ")
    os.kill(setting.one.pid, signal.SIGTERM)  # a restart: its lease goes to the other at once
    second = await read(setting.other, last, 7)

    ids = sorted(trade_ids(first) + trade_ids(second))
    assert not [line for line in second if "no longer kept" in line]
    assert ids == list(range(ids[0], ids[0] + len(ids)))


async def read(service: Service, last: str, seconds: float) -> list[str]:
    """Lines of an event stream of trades."""
    lines = []
    url = f"{service.root}/api/stream/trades?symbols=BTC"
    headers = {"Last-Event-ID": last} if last else {}
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(timeout=30) as client,
            client.stream("GET", url, headers=headers) as reply,
        ):
            async for line in reply.aiter_lines():
                lines.append(line)  # noqa: PERF401 - what came before the end counts
    return lines


def trade_ids(lines: list[str]) -> list[int]:
    """The numbers of the trades among the events."""
    texts = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    return [int(text["data"]["id"]) for text in texts if "data" in text]


async def test_without_redis_each_goes_on_alone_and_later_together(setting: Setting) -> None:
    async with follow(setting.other, "ticker") as client:
        await collect(client, 2)
        setting.redis.kill()
        alone = await collect(client, 4)
        setting.redis.start()
        together = await collect(client, 4)

    seqs = [message["seq"] for message in alone + together]
    assert len(alone) >= 2 <= len(together)
    assert seqs == sorted(set(seqs))


def streams(setting: Setting) -> int:
    """How often anybody connected to Binance's streams."""
    calls = setting.sandbox.app.state.calls
    return sum(count for path, count in calls.items() if path.endswith("/stream"))
