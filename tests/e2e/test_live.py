"""Sockets and event streams of the real server, over the sandbox's streams."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.live import Service, live_service, memory_kb

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with live_service(WS_IDLE_S="2", WS_HEARTBEAT_S="0.5", WS_MAX_CONNECTIONS="30",
                      RATE_LIMIT_IP="0", WS_MAX_SYMBOLS="12") as made:  # fmt: skip
        yield made


@asynccontextmanager
async def opened(service: Service, path: str = "/ws/ticker") -> AsyncIterator[ClientConnection]:
    async with connect(service.socket + path, compression=None) as client:
        if path != "/ws":
            await client.recv()
        yield client


async def ask(client: ClientConnection, message: object) -> Any:
    """Send, and give the answer: the next message that is no data."""
    await client.send(message if isinstance(message, str | bytes) else json.dumps(message))
    while True:
        said = await heard(client)
        if "data" not in said:
            return said


async def heard(client: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(client.recv(), 10))


async def data(client: ClientConnection, count: int) -> list[Any]:
    """The next data messages."""
    found = []
    while len(found) < count:
        said = await heard(client)
        if "data" in said:
            found.append(said)
    return found


def get(service: Service, path: str, *, key: bool = True) -> httpx.Response:
    """A plain request."""
    return httpx.get(f"{service.root}{path}", headers=service.key if key else {}, timeout=10)


# the grammars


@pytest.mark.parametrize("channel", ["ticker", "trades", "orderbook", "ohlcv"])
async def test_a_channel_says_hello_acknowledges_and_streams(
    channel: str, service: Service
) -> None:
    async with connect(f"{service.socket}/ws/{channel}") as client:
        hello = await heard(client)
        message = {"action": "subscribe", "channel": channel, "symbols": ["BTC/USDT"]}
        answer = await ask(client, message)
        first, second = await data(client, 2)

    assert (hello["type"], hello["status"], hello["channels"]) == (
        *("connection", "connected", [channel]),
    )
    assert (answer["type"], answer["channel"]) == ("subscribed", channel)
    assert (answer["accepted"], answer["rejected"]) == (["BTC/USDT"], [])
    assert first["channel"] == channel
    assert first["data"]["symbol"] == "BTC/USDT"
    assert first["seq"] < second["seq"]
    assert abs(first["published_at"] - time.time() * 1000) < 60_000


async def test_a_ticker_message_has_the_fields_of_the_spec(service: Service) -> None:
    async with opened(service) as client:
        await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["ETH/USDT"]})
        (message,) = await data(client, 1)

    assert set(message["data"]) == {"symbol", "price", "change_24h", "volume_24h", "timestamp"}
    assert message["source"] == "sandbox:binance"


async def test_symbols_are_understood_in_any_spelling_and_refused_with_a_reason(
    service: Service,
) -> None:
    symbols = ["btc", "ETHUSDT", "sol-usdt", "NOSUCHCOIN", "b@d", 7]
    async with opened(service) as client:
        answer = await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": symbols})

    assert answer["accepted"] == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
    reasons = {one["symbol"]: one["reason"] for one in answer["rejected"]}
    assert reasons.keys() == {"NOSUCHCOIN", "b@d", "7"}
    assert reasons["NOSUCHCOIN"] == "no source lists it"


async def test_symbols_over_the_limit_are_refused_and_the_rest_accepted(service: Service) -> None:
    symbols = [f"{base}/USDT" for base in
               "BTC ETH SOL XRP DOGE ADA AVAX LINK LTC DOT BNB TRX UNI ATOM".split()]  # fmt: skip
    async with opened(service) as client:
        answer = await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": symbols})

    assert answer["accepted"] == symbols[:12]
    assert [one["symbol"] for one in answer["rejected"]] == symbols[12:]
    assert "limit of 12" in answer["rejected"][0]["reason"]


async def test_nothing_comes_of_what_was_unsubscribed(service: Service) -> None:
    async with opened(service) as client:
        both = ["BTC/USDT", "ETH/USDT"]
        await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": both})
        await data(client, 2)
        answer = await ask(
            client, {"action": "unsubscribe", "channel": "ticker", "symbols": both[:1]}
        )
        later = await data(client, 2)

    assert (answer["type"], answer["accepted"]) == ("unsubscribed", ["BTC/USDT"])
    assert {message["data"]["symbol"] for message in later} == {"ETH/USDT"}


async def test_one_symbol_has_at_most_one_ticker_a_second(service: Service) -> None:
    async with opened(service) as client:
        await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})
        at = [message["published_at"] for message in (await data(client, 4))[1:]]

    assert all(after - before >= 999 for before, after in pairwise(at))


async def test_the_first_frame_on_ws_is_the_body_of_the_asked_path(service: Service) -> None:
    async with opened(service, "/ws") as client:
        await client.send(json.dumps({"action": "subscribe", "service": "/api/price/BTC"}))
        first, second = await heard(client), await heard(client)

    body = get(service, "/api/price/BTC").json()
    assert first.keys() == body.keys()
    assert (first["symbol"], first["meta"]["sandbox"]) == ("BTC", True)
    assert (second["type"], second["service"]) == ("subscribed", "/api/price/BTC")


async def test_a_followed_path_comes_again_when_its_answer_changed(service: Service) -> None:
    async with opened(service, "/ws") as client:
        await client.send(json.dumps({"action": "subscribe", "service": "/api/ticker/ETH"}))
        first, _, again = [await heard(client) for _ in range(3)]

    assert again["symbol"] == first["symbol"] == "ETH/USDT"
    assert again != first


@pytest.mark.parametrize(
    "message",
    [
        {"type": "subscribe", "symbol": "BTC"},
        {"type": "subscribe", "channel": "market_data", "symbols": ["BTC", "ETH"]},
    ],
)
async def test_data_comes_before_the_acknowledgement_on_ws(
    message: dict[str, Any], service: Service
) -> None:
    async with opened(service, "/ws") as client:
        await client.send(json.dumps(message))
        said = [await heard(client) for _ in range(3)]

    assert (said[0]["type"], said[0]["data"]["symbol"][:3]) in (
        *[("market_data", "BTC"), ("market_data", "ETH")],
    )
    assert [one["type"] for one in said].count("subscribed") == 1


async def test_ws_answers_ping_first_and_with_nothing_before(service: Service) -> None:
    async with opened(service, "/ws") as client:
        await client.send('{"type":"ping"}')

        assert (await heard(client))["type"] == "pong"


async def test_an_error_on_ws_is_the_envelope_of_that_path(service: Service) -> None:
    async with opened(service, "/ws") as client:
        answer = await ask(client, {"action": "subscribe", "service": "/api/price/NOSUCHCOIN"})

    assert (answer["success"], answer["error"]["code"]) == (False, "INVALID_SYMBOL")


# faults and abuse


@pytest.mark.parametrize("text", ["{", "[]", '"x"', '{"action":"explode"}', "{}", "nonsense",
                                  '{"action":"subscribe"}', "[" * 5000])  # fmt: skip
async def test_what_makes_no_sense_is_answered_and_the_socket_stays(
    text: str, service: Service
) -> None:
    async with opened(service) as client:
        error = await ask(client, text)
        answer = await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})

    assert (error["success"], error["error"]["code"]) == (False, "INVALID_PARAMETER")
    assert answer["accepted"] == ["BTC/USDT"]


async def closed_with(client: ClientConnection) -> int | None:
    """The code with which the server closes the connection."""
    with suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(client.recv(), 10)
    return client.close_code


async def test_binary_is_refused_with_1003(service: Service) -> None:
    async with opened(service) as client:
        await client.send(b"\0\1")

        assert await closed_with(client) == 1003


async def test_a_message_over_64_kib_is_refused_with_1009(service: Service) -> None:
    async with opened(service) as client:
        with suppress(ConnectionClosed):
            await client.send("x" * 1_000_000)

        assert await closed_with(client) == 1009


async def test_a_message_in_many_pieces_is_measured_as_one(service: Service) -> None:
    async with opened(service) as client:
        with suppress(ConnectionClosed):
            await client.send(["x" * 30_000] * 3)

        assert await closed_with(client) == 1009


async def test_who_comes_when_it_is_full_is_sent_away_with_1013(service: Service) -> None:
    clients = [await connect(f"{service.socket}/ws/ticker") for _ in range(30)]
    try:
        async with connect(f"{service.socket}/ws/ticker") as late:
            assert await closed_with(late) == 1013
    finally:
        for client in clients:
            await client.close()


def raw_client(service: Service) -> socket.socket:
    """A client that shakes hands and then does nothing at all."""
    s = socket.create_connection(("127.0.0.1", service.port))
    s.sendall(
        b"GET /ws/ticker HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert b"101" in s.recv(4096)
    return s


async def test_who_is_silent_is_pinged_and_then_sent_away_with_1001(service: Service) -> None:
    s = raw_client(service)
    s.settimeout(6)
    said = b""
    with s:
        while piece := await asyncio.to_thread(s.recv, 4096):
            said += piece
            if b"nothing was heard" in said:
                break

    reason = said.index(b"nothing was heard")
    assert b"\x89\x04" in said  # pings
    assert int.from_bytes(said[reason - 2 : reason], "big") == 1001


async def test_who_answers_pings_stays(service: Service) -> None:
    async with opened(service) as client:
        await asyncio.sleep(3)

        assert (await ask(client, {"action": "ping"}))["type"] == "pong"


async def test_who_never_reads_costs_bounded_memory_and_nobody_else_time(
    service: Service,
) -> None:
    # a client that sends on and on, so that it is not idle, and takes nothing
    lazy = [raw_client(service) for _ in range(8)]
    for s in lazy:
        s.setblocking(False)
    before = memory_kb(service.pid)
    ping = masked(json.dumps({"action": "subscribe", "symbols": ["NOPE" + "x" * 900] * 60}))
    async with opened(service) as client:
        await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})
        ends = time.monotonic() + 4
        while time.monotonic() < ends:
            for s in lazy:
                try:
                    s.send(ping)
                except (BlockingIOError, OSError):
                    continue
            await asyncio.sleep(0.01)
        messages = await data(client, 3)
    for s in lazy:
        s.close()

    assert memory_kb(service.pid) - before < 20_000
    assert messages[-1]["published_at"] > time.time() * 1000 - 10_000


def masked(text: str) -> bytes:
    """A client's frame, masked with zeros."""
    raw = text.encode()
    return b"\x81\xfe" + len(raw).to_bytes(2, "big") + bytes(4) + raw


async def test_ten_thousand_subscriptions_are_answered_and_others_are_served(
    service: Service,
) -> None:
    symbols = [f"X{number}" for number in range(6000)]
    async with opened(service) as rude, opened(service) as polite:
        await rude.send(
            json.dumps({"action": "subscribe", "channel": "ticker", "symbols": symbols})
        )
        answer = await ask(polite, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})
        rejection = await heard(rude)

    assert answer["accepted"] == ["BTC/USDT"]
    assert len(rejection["rejected"]) == 6000


async def test_handshakes_count_against_the_limit_of_an_address() -> None:
    with live_service(RATE_LIMIT_IP="5") as service:
        for _ in range(5):
            async with opened(service):
                pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{service.socket}/ws/ticker")

        assert refused.value.response.status_code == 429
        assert int(refused.value.response.headers["Retry-After"]) > 0
        assert get(service, "/api/price/BTC", key=False).status_code == 429


# event streams


async def events(service: Service, query: str, count: int, last: str = "") -> list[dict[str, str]]:
    """The next events that carry an id, as fields."""
    headers = {"Last-Event-ID": last} if last else {}
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{service.root}/api/stream/{query}", headers=headers) as reply,
    ):
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        async for line in reply.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                event[name] = value
                continue
            found.append(event)
            event = {}
            if len([one for one in found if "id" in one]) >= count:
                break
    return found


async def test_an_event_is_what_the_socket_says(service: Service) -> None:
    async with opened(service) as client:
        await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})
        said, streamed = await asyncio.gather(
            data(client, 4), events(service, "ticker?symbols=BTC", 3)
        )

    by_id = {one["id"]: json.loads(one["data"]) for one in streamed if "id" in one}
    common = [message for message in said if str(message["seq"]) in by_id]
    assert common
    assert all(by_id[str(message["seq"])] == message for message in common)
    assert {one["event"] for one in streamed if "id" in one} == {"ticker"}


async def test_ids_ascend_and_are_the_same_for_all(service: Service) -> None:
    one, other = await asyncio.gather(
        events(service, "trades?symbols=BTC,ETH", 6), events(service, "trades?symbols=ETH", 3)
    )

    ids = [int(event["id"]) for event in one if "id" in event]
    assert ids == sorted(set(ids))
    eth = {e["id"]: e["data"] for e in one if "id" in e and '"ETH/USDT"' in e["data"]}
    assert any(eth.get(e["id"]) == e["data"] for e in other if "id" in e)


async def test_whoever_returns_gets_what_was_missed_and_nothing_twice(service: Service) -> None:
    before = await events(service, "trades?symbols=BTC", 2)
    last = before[-1]["id"]
    await asyncio.sleep(2.5)

    after = await events(service, "trades?symbols=BTC", 4, last)

    trades = [json.loads(e["data"])["data"]["id"] for e in after if e.get("event") == "trades"]
    first = int(json.loads(before[-1]["data"])["data"]["id"]) + 1
    assert [int(trade) for trade in trades] == list(range(first, first + len(trades)))
    assert not [e for e in after if e.get("event") == "gap"]


@pytest.mark.parametrize("last", ["1", "99999999999999999", "nonsense"])
async def test_what_is_no_longer_kept_is_a_gap(last: str, service: Service) -> None:
    found = await events(service, "ticker?symbols=BTC", 1, last)

    assert [e["event"] for e in found if e.get("event") == "gap"] == ["gap"]


async def test_a_stream_of_nothing_is_refused_like_any_request(service: Service) -> None:
    answers = [
        get(service, f"/api/stream/{query}")
        for query in (
            "ticker",
            "ticker?symbols=$$",
            "ticker?symbols=NOSUCHCOIN",
            "nothing?symbols=BTC",
        )
    ]

    assert [(a.status_code, a.json()["error"]["code"]) for a in answers] == [
        (400, "INVALID_PARAMETER"),
        (400, "INVALID_PARAMETER"),
        (404, "INVALID_SYMBOL"),
        (404, "NOT_FOUND"),
    ]


# the rest of the service


async def test_price_and_market_answer_from_the_stream_and_agree_with_the_socket() -> None:
    with live_service(RATE_LIMIT_IP="0") as service:
        async with opened(service) as client:
            await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})
            messages = await data(client, 3)
            get(service, "/api/market?symbols=BTC")
            before = upstream_calls(service, "binance")
            prices = {}
            for message in [*messages, *await data(client, 8)]:
                prices[message["data"]["timestamp"]] = message["data"]["price"]
                body = get(service, "/api/price/BTC").json()
                ticker = get(service, "/api/ticker/BTC").json()
                market = get(service, "/api/market?symbols=BTC").json()
            after = upstream_calls(service, "binance")

    assert after == before
    assert body["price"] == prices[body["timestamp"]]
    assert ticker["last"] == prices[ticker["timestamp"]]
    assert market["items"][0]["price"] in prices.values()


def upstream_calls(service: Service, source: str) -> int:
    text = get(service, "/metrics").text
    lines = [line for line in text.splitlines() if f'source="{source}"' in line]
    return sum(int(float(line.split()[-1])) for line in lines if "upstream_requests_total" in line)


async def test_a_restart_tells_sockets_1012_and_ends_event_streams() -> None:
    with live_service() as service:
        async with opened(service) as client:
            await ask(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC"]})
            streaming = asyncio.create_task(events(service, "ticker?symbols=BTC", 1000))
            await asyncio.sleep(1)
            began = time.monotonic()
            os.kill(service.pid, signal.SIGTERM)

            assert await closed_with(client) == 1012
            assert len(await streaming) > 0
            assert time.monotonic() - began < 3


async def test_connections_and_lost_messages_are_counted(service: Service) -> None:
    async with opened(service):
        text = get(service, "/metrics").text

    assert "ws_connections 1.0" in text
    assert "ws_dropped_total" in text


async def test_the_sockets_are_described_for_programs(service: Service) -> None:
    document = get(service, "/asyncapi.json").json()

    assert document["channels"]["ticker"]["address"] == "/ws/ticker"


async def test_a_key_in_a_message_opens_what_needs_one(service: Service) -> None:
    async with opened(service, "/ws") as client:
        refused = await ask(client, {"action": "subscribe", "service": "/api/usage"})
        message = {"action": "subscribe", "service": "/api/usage", "token": "a-key-for-tests"}
        await client.send(json.dumps(message))
        answer = await heard(client)

    assert refused["error"]["code"] == "FORBIDDEN"
    assert answer["success"] is True
