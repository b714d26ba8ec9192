"""What DefiLlama answers, on its hosts. https://api-docs.defillama.com"""

from typing import Any, Final

from msgspec import Raw, Struct

from lib.assets import clean_text
from lib.defi import Pool, Pools, Protocol, Protocols
from lib.errors import SourceMalformed
from lib.wire.typed import finite, https_link, positive, read_rows, wire_decoder

MOST: Final = 500
"""Rows that are kept, the largest ones: the whole lists are thousands long."""

ABSURD_APY: Final = 1e6  # percent: pools of a few cents report such rates
LINK: Final = 300  # characters of a link


class _Protocol(Struct):
    id: str | int
    name: str
    tvl: float | None = None
    symbol: str | None = None
    slug: str | None = None
    category: str | None = None
    chains: list[str] | None = None
    mcap: float | None = None
    change_1h: float | None = None
    change_1d: float | None = None
    change_7d: float | None = None
    logo: str | None = None
    url: str | None = None


class _Pool(Struct, rename={"tvl": "tvlUsd", "apy_base": "apyBase", "apy_reward": "apyReward",
                            "mean": "apyMean30d", "il_risk": "ilRisk"}):  # fmt: skip
    pool: str
    chain: str
    project: str
    symbol: str
    tvl: float | None = None
    apy: float | None = None
    apy_base: float | None = None
    apy_reward: float | None = None
    mean: float | None = None
    stablecoin: bool | None = None
    il_risk: str | None = None
    exposure: str | None = None


class _PoolTable(Struct):
    status: str
    data: Raw


_read_protocol = wire_decoder(_Protocol, strict=True)
_read_pool = wire_decoder(_Pool, strict=True)
_read_pools = wire_decoder(_PoolTable, strict=True)


def parse_protocols(body: bytes, time_ms: int) -> Protocols:
    """Read `/protocols`: the largest first; centralised exchanges, which it lists too, aside."""
    rows = [row for row in map(_protocol, read_rows(body, _read_protocol)) if row]
    if not rows:
        raise SourceMalformed("not one protocol with anything locked")
    rows.sort(key=lambda row: -row.tvl)
    return Protocols(tuple(rows[:MOST]), time_ms)


def parse_pools(body: bytes, time_ms: int) -> Pools:
    """Read `/pools`: the largest first."""
    table: _PoolTable = _read_pools(body)
    rows = [row for row in map(_pool, read_rows(table.data, _read_pool)) if row]
    if table.status != "success" or not rows:
        raise SourceMalformed("not one pool that yields")
    rows.sort(key=lambda row: -row.tvl)
    return Pools(tuple(rows[:MOST]), time_ms)


def _protocol(row: _Protocol) -> Protocol | None:
    tvl, name = positive(row.tvl), clean_text(row.name)
    if tvl is None or not name or row.category == "CEX":
        return None
    return Protocol(
        id=clean_text(str(row.id)),
        name=name,
        tvl=tvl,
        symbol=_named(row.symbol),
        slug=_named(row.slug),
        category=_named(row.category),
        chains=tuple(clean_text(chain, 40) for chain in row.chains or ()),
        market_cap=positive(row.mcap),
        change_1h=finite(row.change_1h),
        change_1d=finite(row.change_1d),
        change_7d=finite(row.change_7d),
        logo=https_link(row.logo, LINK),
        url=https_link(row.url, LINK),
    )


def _pool(row: _Pool) -> Pool | None:
    tvl, apy = positive(row.tvl), finite(row.apy)
    identity = clean_text(row.pool)
    if tvl is None or apy is None or not 0 <= apy <= ABSURD_APY or not identity:
        return None
    return Pool(
        id=identity,
        chain=clean_text(row.chain, 40),
        project=clean_text(row.project),
        symbol=clean_text(row.symbol),
        tvl=tvl,
        apy=apy,
        apy_base=finite(row.apy_base),
        apy_reward=finite(row.apy_reward),
        apy_mean_30d=finite(row.mean),
        stablecoin=row.stablecoin,
        il_risk=_named(row.il_risk),
        exposure=_named(row.exposure),
    )


def _named(text: Any) -> str | None:
    """A word; DefiLlama writes "-" where there is none."""
    clean = clean_text(text, 60)
    return clean if clean not in ("", "-") else None
