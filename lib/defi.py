"""The vocabulary of DeFi: what is locked in protocols, and what pools pay."""

from msgspec import Struct

from lib.units import Money, Percent, UnixMs


class Protocol(Struct, frozen=True):
    """A DeFi protocol and what is locked in it, in US dollars."""

    id: str
    name: str
    tvl: Money
    chains: tuple[str, ...]
    symbol: str | None = None
    slug: str | None = None
    category: str | None = None
    market_cap: Money | None = None
    change_1h: Percent | None = None
    change_1d: Percent | None = None
    change_7d: Percent | None = None
    logo: str | None = None
    url: str | None = None


class Protocols(Struct, frozen=True):
    """Protocols, the largest first."""

    rows: tuple[Protocol, ...]
    time_ms: UnixMs


class Pool(Struct, frozen=True):
    """A pool that yields; rates in percent a year."""

    id: str
    chain: str
    project: str
    symbol: str
    tvl: Money
    apy: Percent
    apy_base: Percent | None = None
    apy_reward: Percent | None = None
    apy_mean_30d: Percent | None = None
    stablecoin: bool | None = None
    il_risk: str | None = None
    exposure: str | None = None


class Pools(Struct, frozen=True):
    """Pools, the largest first."""

    rows: tuple[Pool, ...]
    time_ms: UnixMs
