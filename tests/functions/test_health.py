"""GET /health, /health/live and /health/ready."""

import pytest

from lib.feeds import CANDLES, LISTINGS, TICKERS
from loopback import free_port
from tests.functions.published import SAMPLES, unlike
from tests.house import NOW_MS, House


async def test_the_body_has_every_published_field(house: House) -> None:
    body = (await house.get("/health")).json

    assert unlike(SAMPLES["health"], body) == []
    assert (body["status"], body["service"], body["version"]) == ("healthy", "dreammaker", "2.0.0")
    assert (body["timestamp"], body["reasons"]) == (NOW_MS, [])


async def test_no_source_is_asked_for_it(house: House) -> None:
    for path in ("/health", "/health/live", "/health/ready"):
        await house.get(path)

    assert house.calls == 0


async def test_uptime_counts_seconds(house: House) -> None:
    house.clock.advance(90.5)

    assert (await house.get("/health")).json["uptime"] == 90.5


async def test_a_live_service_says_so_and_so_does_a_played_one(house: House) -> None:
    live = (await house.get("/health")).json
    async with House(sandbox=True) as sandbox:
        played = (await sandbox.get("/health")).json

    assert live["upstream"] == "live"
    assert "sandbox" not in live
    assert (played["upstream"], played["sandbox"]) == ("sandbox", True)


async def test_a_source_that_failed_shows_in_the_services(house: House) -> None:
    house.sandbox.state.faults.set("binance", "451")
    house.sandbox.state.faults.set("coinbase", "500")
    await house.get("/api/price/BTC")

    services = (await house.get("/health")).json["services"]

    assert services["binance"] == "offline"
    assert services["coinbase"] == "degraded"
    assert services["kraken"] == "online"


async def test_one_source_down_is_no_reason_to_worry(house: House) -> None:
    house.sandbox.state.faults.set("binance", "451")
    await house.get("/api/price/BTC")

    assert (await house.get("/health")).json["status"] == "healthy"
    assert (await house.get("/health/ready")).status == 200


@pytest.mark.parametrize("feed", [TICKERS, CANDLES, LISTINGS])
async def test_a_vital_feed_without_sources_degrades_the_service(
    house: House, feed: object
) -> None:
    for source in feed.sources:  # type: ignore[attr-defined]
        house.runtime.highway.gates[source].switched_off = True

    health = (await house.get("/health")).json
    ready = await house.get("/health/ready")
    live = await house.get("/health/live")

    assert health["status"] == "degraded"
    assert f"every source of {feed.name} is offline" in health["reasons"]  # type: ignore[attr-defined]
    assert ready.status == 503
    assert feed.name in ready.error["details"]["feeds"]  # type: ignore[attr-defined]
    assert live.status == 200


async def test_a_vital_feed_whose_sources_all_just_failed_degrades_the_service(
    house: House,
) -> None:
    faults = ("429", "500", "zero", "html", "418", "429:9")
    for source, fault in zip(TICKERS.sources, faults, strict=True):
        house.sandbox.state.faults.set(source, fault)
    await house.get("/api/price/BTC")

    failing = (await house.get("/health")).json
    house.sandbox.state.faults.clear()
    house.clock.advance(60)
    await house.get("/api/price/BTC")
    mended = (await house.get("/health")).json

    assert "no source of tickers has answered since all failed" in failing["reasons"]
    assert (failing["status"], mended["status"]) == ("degraded", "healthy")


async def test_a_dead_store_degrades_the_service_but_it_answers() -> None:
    dead = f"redis://:secret@127.0.0.1:{free_port()}/0"
    async with House(settings={"REDIS_URL": dead}) as house:
        price = await house.get("/api/price/BTC")
        health = (await house.get("/health")).json

    assert price.status == 200
    assert health["services"]["redis"] == "down"
    assert (health["status"], health["reasons"]) == ("degraded", ["the store is down"])


async def test_health_is_kept_by_no_cache(house: House) -> None:
    for path in ("/health", "/health/live", "/health/ready"):
        assert (await house.get(path)).headers["cache-control"] == "no-store"
