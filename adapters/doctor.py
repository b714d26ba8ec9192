"""`local_server.py doctor`: asks every provider from here, and shows what each feed would use."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from lib.errors import SourceError
from lib.feeds import BITCOIN_TRANSACTIONS, Feed, load_feeds
from lib.market import Candle, Pair
from lib.providers.base import Provider
from lib.queries import (
    AddressQuery,
    CandleQuery,
    Everything,
    ForecastQuery,
    ListQuery,
    PairQuery,
    Query,
    RangeQuery,
    TextsQuery,
)
from lib.runtime import build_runtime
from lib.settings import Settings
from lib.timeframes import DAY_MS, HOUR_MS

PATIENCE_S = 8.0
BTC = Pair("BTC", "USDT")
CAUSES: dict[type[BaseException], str] = {
    socket.gaierror: "its name cannot be resolved here: look at DNS, and at <NAME>_BASE_URL",
    ssl.SSLCertVerificationError: "its certificate is not trusted here: install "
    "ca-certificates, or name a bundle with SSL_CERT_FILE",
    ConnectionRefusedError: "nobody listens there, or a firewall says so",
}
GENESIS_ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


async def examine(
    settings: Settings, write: Callable[[str], object], patience_s: float = PATIENCE_S
) -> int:
    """Ask every provider one question for each feed it serves.

    The exit code is 1 if a feed has no source left, though one needs no key.
    """
    runtime = build_runtime(settings)
    now_ms = runtime.clock.now_ms()
    providers = {name: gate.provider for name, gate in runtime.highway.gates.items()}
    write("Asking every provider from here, one question a feed…\n\n")
    asked = await asyncio.gather(*(_examine(one, now_ms, patience_s) for one in providers.values()))
    await runtime.aclose()
    results = dict(zip(providers, asked, strict=True))
    for name, answers in results.items():
        write(_report(providers[name], answers))
    write("\nWho would answer, in order:\n")
    lost = 0
    for feed in load_feeds():
        chain = [n for n in feed.sources if results.get(n, {}).get(feed.name, NOT_ASKED).well]
        keyless = any(n in providers and not providers[n].needs_key for n in feed.sources)
        lost += keyless and not chain
        nobody = "NOBODY" if keyless else "nobody without a key"
        write(f"  {feed.name:<21} {' → '.join(chain) or nobody}\n")
    return 1 if lost else 0


class Answer(NamedTuple):
    """What came of one question."""

    outcome: str
    ms: int
    why: str | None = None

    @property
    def well(self) -> bool:
        """Whether the source answered it."""
        return self.outcome == "ok"


NOT_ASKED = Answer("not asked", 0)


async def _examine(provider: Provider, now_ms: int, patience_s: float) -> dict[str, Answer]:
    if provider.needs_key and not provider.has_key:
        return {}
    answers = {}
    for name, served in provider.served().items():
        began = time.monotonic()
        method = getattr(provider, served.method)
        outcome, why = "ok", None
        try:
            async with asyncio.timeout(patience_s):
                await (method() if served.bulk else method(_question(served.feed, now_ms)))
        except TimeoutError:
            outcome = "timeout"
        except SourceError as error:
            outcome, why = error.outcome, _cause(error)
        answers[name] = Answer(outcome, round((time.monotonic() - began) * 1000), why)
    return answers


def _cause(error: BaseException | None) -> str | None:
    """What is wrong with the way to a source rather than with the source, if that is known."""
    while error is not None:
        for kind, why in CAUSES.items():
            if isinstance(error, kind):
                return why
        error = error.__cause__ or error.__context__
    return None


def _question(feed: Feed[Any, Any], now_ms: int) -> Query:
    questions: dict[type[Query], Query] = {
        PairQuery: PairQuery(BTC),
        CandleQuery: CandleQuery(BTC, "1h", 200),
        ListQuery: ListQuery(1),
        RangeQuery: RangeQuery("BTC", now_ms - 7 * DAY_MS, now_ms - DAY_MS),
        TextsQuery: TextsQuery(("Bitcoin rallies",)),
        AddressQuery: _address_query(feed),
        ForecastQuery: ForecastQuery(BTC, "1h", 24, 0.8, _flat_candles(now_ms)),
        Everything: Everything(),
    }
    return questions[feed.query]


def _flat_candles(now_ms: int) -> tuple[Candle, ...]:
    """A market that stands still: a model is asked whether it answers, not what."""
    first = now_ms // HOUR_MS - 60
    return tuple(
        Candle((first + at) * HOUR_MS, 1.0, 1.0, 1.0, 1.0, 1.0, True, False, 1.0)
        for at in range(60)
    )


def _address_query(feed: Feed[Any, Any]) -> AddressQuery:
    if feed is BITCOIN_TRANSACTIONS:
        return AddressQuery("bitcoin", GENESIS_ADDRESS, 10)
    return AddressQuery("ethereum", "0x" + "ab" * 20, 10)


def _report(provider: Provider, answers: dict[str, Answer]) -> str:
    key = ""
    if provider.key_variable:
        key = f", {provider.key_variable} {'set' if provider.has_key else 'not set'}"
    if not answers:
        return f"  {provider.name:<21} needs a key{key}\n"
    well = [f"{name} {answer.ms} ms" for name, answer in answers.items() if answer.well]
    ill = [f"{name} {answer.outcome}" for name, answer in answers.items() if not answer.well]
    text = f"  {provider.name:<21} {'reachable' if well else 'NOT REACHABLE'}{key}\n"
    if well:
        text += f"{'':<24}serves {', '.join(well)}\n"
    if ill:
        text += f"{'':<24}fails  {', '.join(ill)}\n"
    for why in dict.fromkeys(answer.why for answer in answers.values() if answer.why):
        text += f"{'':<24}why    {why}\n"
    return text
