"""`local_server.py doctor`: asks every provider from here, and shows what each feed would use."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from lib.errors import SourceError
from lib.feeds import Feed, load_feeds
from lib.market import Pair
from lib.providers.base import Provider
from lib.queries import (
    CandleQuery,
    Everything,
    ListQuery,
    PairQuery,
    Query,
    RangeQuery,
    TextsQuery,
)
from lib.runtime import build_runtime
from lib.settings import Settings
from lib.timeframes import DAY_MS

PATIENCE_S = 8.0
BTC = Pair("BTC", "USDT")


async def examine(settings: Settings, write: Callable[[str], object]) -> int:
    """Ask every provider one question for each feed it serves; 1 if a feed has no source left."""
    runtime = build_runtime(settings)
    now_ms = runtime.clock.now_ms()
    providers = [gate.provider for gate in runtime.highway.gates.values()]
    write("Asking every provider from here, one question a feed…\n\n")
    found = await asyncio.gather(*(_examine(provider, now_ms) for provider in providers))
    await runtime.aclose()
    results = dict(zip((provider.name for provider in providers), found, strict=True))
    for provider in providers:
        write(_line(provider, results[provider.name]))
    write("\nWho would answer, in order:\n")
    bare = 0
    for feed in load_feeds():
        chain = [name for name in feed.sources if results.get(name, {}).get(feed.name) == "ok"]
        bare += not chain
        write(f"  {feed.name:<12}{' → '.join(chain) or 'NOBODY'}\n")
    return 1 if bare else 0


async def _examine(provider: Provider, now_ms: int) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for name, served in provider.served().items():
        began = time.monotonic()
        method = getattr(provider, served.method)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await (method() if served.bulk else method(_question(served.feed, now_ms)))
            results[name] = "ok"
        except TimeoutError:
            results[name] = "timeout"
        except SourceError as error:
            results[name] = error.outcome
        results.setdefault("ms", round((time.monotonic() - began) * 1000))
    return results


def _question(feed: Feed[Any, Any], now_ms: int) -> Query:
    questions: dict[type[Query], Query] = {
        PairQuery: PairQuery(BTC),
        CandleQuery: CandleQuery(BTC, "1h", 200),
        ListQuery: ListQuery(1),
        RangeQuery: RangeQuery("BTC", now_ms - 7 * DAY_MS, now_ms - DAY_MS),
        TextsQuery: TextsQuery(("Bitcoin rallies",)),
        Everything: Everything(),
    }
    return questions[feed.query]


def _line(provider: Provider, results: dict[str, Any]) -> str:
    feeds = {name: outcome for name, outcome in results.items() if name != "ms"}
    well = [name for name, outcome in feeds.items() if outcome == "ok"]
    ill = [f"{name} {outcome}" for name, outcome in feeds.items() if outcome != "ok"]
    key = ""
    if provider.key_variable:
        key = f", {provider.key_variable} {'set' if provider.has_key else 'not set'}"
    state = "reachable" if well else "NOT REACHABLE"
    text = f"  {provider.name:<16}{state}, {results.get('ms', 0)} ms{key}\n"
    if well:
        text += f"{'':<18}serves {', '.join(well)}\n"
    if ill:
        text += f"{'':<18}fails  {', '.join(ill)}\n"
    return text
