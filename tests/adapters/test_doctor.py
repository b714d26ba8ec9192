"""Behaviour of the doctor."""

from collections.abc import Iterator

import pytest

from adapters.doctor import examine
from lib.runtime import load_providers
from lib.sandbox import SandboxServer
from lib.settings import Settings

pytestmark = pytest.mark.anyio

PATIENT_S = 60.0  # a busy machine is no failure of a source


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=2) as server:
        yield server


def settings(sandbox: SandboxServer) -> Settings:
    root = f"http://127.0.0.1:{sandbox.port}"
    return Settings(base_urls={name: f"{root}/{name}" for name in load_providers()})


async def test_the_chain_of_each_feed_is_shown(sandbox: SandboxServer) -> None:
    sandbox.faults.clear()
    told: list[str] = []

    code = await examine(settings(sandbox), told.append, PATIENT_S)

    text = "".join(told)
    assert code == 0, text
    assert "tickers               binance → coinbase → kraken → okx → kucoin → coingecko" in text
    assert "whale_alert           needs a key, WHALE_ALERT_KEY not set" in text


async def test_a_feed_without_any_source_is_an_exit_code(sandbox: SandboxServer) -> None:
    sandbox.faults.clear()
    for source in ("binance", "okx", "kraken", "kucoin"):
        sandbox.faults.set(source, "451")
    told: list[str] = []

    code = await examine(settings(sandbox), told.append, PATIENT_S)

    text = "".join(told)
    assert code == 1
    assert "exchanges             NOBODY" in text
    assert "binance               NOT REACHABLE" in text
    assert "tickers geo_blocked" in text
