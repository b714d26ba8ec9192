"""CoinGecko's documents, as far as they are read; whatever else is in them is skipped.

Any field may be null or absent where its type says so.
"""

from msgspec import Struct


class Market(Struct):
    id: str | None = None
    symbol: str | None = None
    name: str | None = None
    image: str | None = None
    current_price: float | None = None
    market_cap: float | None = None
    market_cap_rank: int | None = None
    total_volume: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    price_change_percentage_24h: float | None = None
    price_change_percentage_1h_in_currency: float | None = None
    price_change_percentage_24h_in_currency: float | None = None
    price_change_percentage_7d_in_currency: float | None = None
    circulating_supply: float | None = None
    total_supply: float | None = None
    max_supply: float | None = None
    ath: float | None = None
    ath_date: str | None = None
    atl: float | None = None
    atl_date: str | None = None
    last_updated: str | None = None


class Usd(Struct):
    usd: float | None = None


class Totals(Struct):
    total_market_cap: Usd
    total_volume: Usd
    market_cap_percentage: dict[str, float | None]
    market_cap_change_percentage_24h_usd: float | None = None
    volume_change_percentage_24h_usd: float | None = None
    active_cryptocurrencies: int | None = None
    markets: int | None = None
    updated_at: float | None = None


class Globals(Struct):
    data: Totals


class DefiTotals(Struct):
    defi_dominance: float | None = None


class Defi(Struct):
    data: DefiTotals


class Chart(Struct):
    market_caps: list[tuple[float, float | None]]


class CoinRow(Struct):
    id: str | None = None
    symbol: str | None = None
    name: str | None = None


class Rate(Struct):
    value: float | None = None
    type: str | None = None


class RateTable(Struct):
    rates: dict[str, Rate]


class Trending(CoinRow):
    market_cap_rank: int | None = None
    score: int | None = None
    thumb: str | None = None
    small: str | None = None
    large: str | None = None


class TrendEntry(Struct):
    item: Trending


class TrendTable(Struct):
    coins: list[TrendEntry]


class Status(Struct):
    error_code: int | None = None


class Boxed(Struct):
    status: Status | None = None


class Failure(Struct):
    status: Status | None = None
    error: Boxed | str | None = None
