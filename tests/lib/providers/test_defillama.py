"""DefiLlama: protocols and pools, the largest first."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from lib.defi import Pool, Protocol
from lib.errors import SourceError, SourceMalformed
from lib.providers.defillama import DefiLlama
from lib.providers.defillama_yields import DefiLlamaYields
from lib.queries import Everything
from lib.wire.llama import MOST, parse_pools, parse_protocols
from tests.lib.providers.aggregator import NONSENSE, damaged, raises_only_source_errors
from tests.lib.providers.chains import asking

pytestmark = pytest.mark.anyio

LIDO: dict[str, Any] = {
    "id": "182", "name": "Lido", "symbol": "LDO", "chain": "Multi-Chain", "slug": "lido",
    "chains": ["Ethereum", "Solana"], "category": "Liquid Staking", "tvl": 3.4e10, "mcap": 9e8,
    "chainTvls": {"Ethereum": 3.39e10}, "change_1h": 0.1, "change_1d": -0.6, "change_7d": 3.2,
    "logo": "https://icons.llama.fi/lido.png", "url": "https://lido.fi/", "gecko_id": "lido-dao",
}  # fmt: skip
POOL: dict[str, Any] = {
    "pool": "747c1d2a-c668-4682-b9f9-296708a3dd90", "chain": "Ethereum", "project": "lido",
    "symbol": "STETH", "tvlUsd": 25_000_000_000, "apyBase": 2.7, "apyReward": None, "apy": 2.7,
    "apyMean30d": 2.65, "stablecoin": False, "ilRisk": "no", "exposure": "single", "mu": 3.1,
}  # fmt: skip


def protocols(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows).encode()


def pools(*rows: dict[str, Any], status: str = "success") -> bytes:
    return json.dumps({"status": status, "data": rows}).encode()


def test_a_protocol_is_read_field_by_field() -> None:
    assert parse_protocols(protocols(LIDO), 5).rows == (
        Protocol(
            id="182",
            name="Lido",
            tvl=3.4e10,
            symbol="LDO",
            slug="lido",
            category="Liquid Staking",
            chains=("Ethereum", "Solana"),
            market_cap=9e8,
            change_1h=0.1,
            change_1d=-0.6,
            change_7d=3.2,
            logo="https://icons.llama.fi/lido.png",
            url="https://lido.fi/",
        ),
    )


def test_a_pool_is_read_field_by_field() -> None:
    assert parse_pools(pools(POOL), 5).rows == (
        Pool(
            id="747c1d2a-c668-4682-b9f9-296708a3dd90",
            chain="Ethereum",
            project="lido",
            symbol="STETH",
            tvl=2.5e10,
            apy=2.7,
            apy_base=2.7,
            apy_mean_30d=2.65,
            stablecoin=False,
            il_risk="no",
            exposure="single",
        ),
    )


def test_the_largest_come_first() -> None:
    rows = parse_protocols(protocols(LIDO | {"tvl": 1}, LIDO, LIDO | {"tvl": 5}), 5).rows

    assert [row.tvl for row in rows] == [3.4e10, 5.0, 1.0]


def test_exchanges_are_no_defi() -> None:
    rows = parse_protocols(protocols(LIDO, LIDO | {"name": "Binance CEX", "category": "CEX"}), 5)

    assert [row.name for row in rows.rows] == ["Lido"]


@pytest.mark.parametrize("tvl", [None, 0, -5])
def test_what_holds_nothing_is_left_out(tvl: float | None) -> None:
    assert len(parse_protocols(protocols(LIDO, LIDO | {"tvl": tvl}), 5).rows) == 1
    assert len(parse_pools(pools(POOL, POOL | {"tvlUsd": tvl}), 5).rows) == 1


def test_a_rate_that_is_missing_or_absurd_leaves_the_pool_out() -> None:
    rows = parse_pools(pools(POOL, POOL | {"apy": None}, POOL | {"apy": 1e9}), 5).rows

    assert len(rows) == 1


def test_a_dash_is_no_symbol_and_a_script_is_no_link() -> None:
    (row,) = parse_protocols(protocols(LIDO | {"symbol": "-", "url": "javascript:x"}), 5).rows

    assert (row.symbol, row.url) == (None, None)


def test_long_lists_are_cut() -> None:
    assert len(parse_protocols(protocols(*[LIDO] * (MOST + 50)), 5).rows) == MOST


@pytest.mark.parametrize("body", [protocols(), protocols(LIDO | {"tvl": 0})])
def test_a_list_of_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_protocols(body, 5)


def test_a_refusal_with_status_200_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        parse_pools(pools(POOL, status="error"), 5)


async def test_each_host_is_asked_by_its_path() -> None:
    llama, first = asking(DefiLlama, {"/protocols": [LIDO]})
    yields, second = asking(DefiLlamaYields, {"/pools": {"status": "success", "data": [POOL]}})

    assert len((await llama.protocols(Everything())).rows) == 1
    assert len((await yields.pools(Everything())).rows) == 1
    assert (first[0].url.host, second[0].url.host) == ("api.llama.fi", "yields.llama.fi")


@settings(max_examples=100, deadline=None)
@given(damaged(protocols(LIDO, LIDO), pools(POOL)))
def test_no_damage_raises_anything_else(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_protocols(body, 5))
    assert raises_only_source_errors(lambda: parse_pools(body, 5))


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse_protocols(body, 5)
    with pytest.raises(SourceError):
        parse_pools(body, 5)


def test_one_absurd_row_costs_only_itself() -> None:
    assert [row.id for row in parse_protocols(protocols(LIDO | {"tvl": "x"}, LIDO), 5).rows] == [
        "182"
    ]
    assert len(parse_pools(pools(POOL | {"chain": None}, POOL), 5).rows) == 1
