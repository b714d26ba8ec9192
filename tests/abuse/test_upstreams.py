"""Upstreams that turn on us: sent elsewhere, unpacked without end, or asked at our own cost."""

import gzip
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from fuzz.seeds import ADDRESSES, QUESTIONS
from lib.errors import SourceError
from lib.market import Candle, Pair
from lib.providers.base import Provider, Served, date_ms
from lib.queries import AddressQuery, ForecastQuery, TextsQuery
from lib.runtime import build_client, load_providers
from lib.wire.bodies import read_body
from tests.conftest import StillClock
from tests.servers import parrot

HOST = "https://upstream.example"
PRIVATE = (
    "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:6379/", "http://[::1]/",
    "http://10.0.0.1/", "file:///etc/passwd", "//localhost/", "gopher://127.0.0.1:25/",
    "https://upstream.example.evil.example/", "https://upstream.example@evil.example/",
)  # fmt: skip
BARS = tuple(Candle(n * 3_600_000, 1.0, 1.0, 1.0, 1.0, 1.0, True) for n in range(1, 6))
MORE = {
    TextsQuery: TextsQuery(("bitcoin",)),
    ForecastQuery: ForecastQuery(Pair("BTC", "USDT"), "1h", 3, 0.8, BARS),
}


def served() -> Iterator[tuple[type[Provider], Served]]:
    """Every provider that asks somebody, and all that it serves."""
    for name, kind in load_providers().items():
        if not name.startswith("embedded_"):
            for one in kind.served().values():
                yield kind, one


each = pytest.mark.parametrize(
    ("kind", "one"), list(served()), ids=lambda it: getattr(it, "name", None) or it.feed.name
)


async def ask(kind: type[Provider], one: Served, answer: Any) -> list[httpx.Request]:
    """What a provider asks for while everything is answered so; it must end in an error."""
    asked: list[httpx.Request] = []

    def transport(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer()

    async with build_client(httpx.MockTransport(transport)) as client:
        provider: Any = kind(client, StillClock(), HOST, "a-key")
        if hasattr(provider, "aim"):
            provider.aim(sentiment_url=f"{HOST}/s", forecast_url=f"{HOST}/f", monthly_usd=1.0)
        chain, address = ADDRESSES.get(kind.name, ADDRESSES[""])
        question: Any = (QUESTIONS | MORE).get(one.feed.query) or AddressQuery(chain, address, 5)
        asking = getattr(provider, one.method)
        with pytest.raises(SourceError):
            await (asking() if one.bulk else asking(question))
    return asked


@each
async def test_no_answer_sends_us_to_another_host(kind: type[Provider], one: Served) -> None:
    for location in PRIVATE:
        for status in (301, 307):
            asked = await ask(
                kind, one, lambda s=status, to=location: httpx.Response(s, headers={"location": to})
            )
            assert {request.url.host for request in asked} <= {"upstream.example"}
            assert {request.url.scheme for request in asked} <= {"https"}


@each
async def test_a_circle_of_redirects_ends(kind: type[Provider], one: Served) -> None:
    hops = Counter[str]()

    def answer() -> httpx.Response:
        hops["made"] += 1
        return httpx.Response(302, headers={"location": f"/{hops['made']}"})

    asked = await ask(kind, one, answer)

    assert len(asked) <= 8  # some ask several things at once, none follows for long


async def test_the_client_follows_nothing_and_believes_no_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://evil.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://evil.example:3128")

    async with build_client() as client:
        assert client.follow_redirects is False
        assert client.trust_env is False
        assert not [m for pattern, m in client._mounts.items() if m is not None]


@pytest.mark.parametrize("stated", ["9" * 5000, "\u00b2", "\u0661", "-1", "1e9", "nan", ""])
@pytest.mark.parametrize("name", sorted(load_providers()))
async def test_an_absurd_time_to_wait_is_no_time_to_wait(name: str, stated: str) -> None:
    async with build_client() as client:
        provider = load_providers([name])[name](client, StillClock(), HOST)

        with pytest.raises(SourceError) as refused:
            provider.refuse(429, {"retry-after": stated, "gw-ratelimit-reset": stated}, b"")

    assert 0 < getattr(refused.value, "retry_after_s", 1.0) <= 3600


@pytest.mark.parametrize(
    "stated",
    ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 99 Foo 99999 00:00:00", "x", "1", "," * 99],
)
def test_a_date_that_cannot_be_is_none(stated: str) -> None:
    assert date_ms(stated) is None


async def test_a_bomb_on_the_wire_is_refused_before_it_fills_memory() -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    with parrot(head + bomb) as port:
        async with build_client() as client, client.stream("GET", f"http://127.0.0.1:{port}/") as r:
            with pytest.raises(SourceError, match="larger than any"):
                await read_body(r, 1024 * 1024)
