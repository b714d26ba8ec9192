"""Sound answers to begin with: what the sandbox's providers say, and the recordings where the
corpus is at hand."""

import asyncio
import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import Struct

from fuzz.damage import small
from lib.errors import SourceError
from lib.market import Pair
from lib.providers.base import Provider
from lib.queries import AddressQuery, CandleQuery, Everything, ListQuery, PairQuery, RangeQuery
from lib.runtime import build_client, load_providers
from lib.sandbox import PROVIDERS, create_sandbox

CORPUS: Final = Path(
    os.environ.get("CORPUS", Path(__file__).resolve().parents[1] / ".." / "shared" / "data")
).resolve()

NOW_MS: Final = 1_764_000_123_000
"""When the sandbox's answers are made: Monday 24 November 2025, 16:02:03 UTC."""

DAY_MS: Final = 86_400_000
PAIR: Final = Pair("BTC", "USDT")
ADDRESSES: Final = {
    "mempool": ("bitcoin", "bc1qgdjqv0av3q56jvd82tkdjpy7gdp9ut8tlqmgrpmv24sq90ecnvqqjwvw97"),
    "": ("ethereum", "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae"),
}
QUESTIONS: Final[dict[type[Struct], Struct]] = {
    PairQuery: PairQuery(PAIR),
    CandleQuery: CandleQuery(PAIR, "1h", 5),
    ListQuery: ListQuery(1),
    RangeQuery: RangeQuery("BTC", NOW_MS - 5 * DAY_MS, NOW_MS),
    Everything: Everything(),
}
FRAMES: Final = 60


class _Still:
    """A clock that stands."""

    def now_ms(self) -> int:
        return NOW_MS

    def monotonic(self) -> float:
        return 1000.0


class _Remembering(httpx.AsyncBaseTransport):
    """Asks the sandbox and keeps what it answers, by `provider/path?query`."""

    def __init__(self) -> None:
        self.heard: dict[str, bytes] = {}
        self._sandbox = httpx.ASGITransport(create_sandbox(1, _Still().now_ms))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = request.content.decode() if request.method == "POST" else ""
        response = await self._sandbox.handle_async_request(request)
        body = await response.aread()
        if response.status_code == 200:
            self.heard[f"{request.url.raw_path.decode()[1:]} {asked}"] = body
        return httpx.Response(response.status_code, headers=response.headers, content=body)


@cache
def played(pattern: str) -> tuple[bytes, ...]:
    """What the sandbox answered under paths that match, cut to a few rows."""
    return tuple(small(body) for path, body in _heard().items() if re.search(pattern, path))


@cache
def _heard() -> dict[str, bytes]:
    transport = _Remembering()
    asyncio.run(_ask_all(transport))
    return transport.heard


async def _ask_all(transport: httpx.AsyncBaseTransport) -> None:
    async with build_client(transport) as client:
        for name, kind in load_providers().items():
            if name in PROVIDERS:
                await _ask(kind(client, _Still(), f"http://sandbox/{name}", "a-key"))


async def _ask(provider: Provider) -> None:
    chain, address = ADDRESSES.get(provider.name, ADDRESSES[""])
    for served in provider.served().values():
        question = QUESTIONS.get(served.feed.query) or AddressQuery(chain, address, 5)
        asking: Any = getattr(provider, served.method)
        with suppress(SourceError):  # only what it does answer is a beginning
            await (asking() if served.bulk else asking(question))


@cache
def recorded(*names: str) -> tuple[bytes, ...]:
    """Recorded bodies by `provider/name`, cut to a few rows; nothing without the corpus."""
    return tuple(small(body) for name in names for body in _recording(name))


def _recording(name: str) -> Iterator[bytes]:
    for ending in (".json", ".json.gz"):
        path = CORPUS / "payloads" / f"{name}{ending}"
        if path.exists():
            raw = path.read_bytes()
            found = json.loads(gzip.decompress(raw) if ending == ".json.gz" else raw)
            yield (
                found["body_text"].encode()
                if "body_text" in found
                else json.dumps(found["body"]).encode()
            )


@cache
def recorded_frames(name: str) -> tuple[bytes, ...]:
    """Frames that a venue sent, of every kind and size; nothing without the corpus."""
    path = CORPUS / "streams" / f"{name}.jsonl.gz"
    if not path.exists():
        return ()
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    said = [row["msg"] for row in rows if row["dir"] == "in"]
    frames = [one.encode() if isinstance(one, str) else json.dumps(one).encode() for one in said]
    return tuple(small(frame) for frame in frames[:: max(1, len(frames) // FRAMES)])
