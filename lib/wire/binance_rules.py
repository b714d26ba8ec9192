"""Binance's rules of pairs: who trades, how much, at which prices.
https://developers.binance.com/docs/binance-spot-api-docs/filters"""

from typing import Final

import msgspec
from msgspec import Struct

from lib.errors import SourceMalformed
from lib.market import Exchange, MarketRule
from lib.wire.binance_names import own_pair
from lib.wire.typed import Number, read_rows, wire_decoder
from lib.wire.venues import Stamp, price

FEE: Final = 0.001
"""What a regular user pays as maker and as taker. https://www.binance.com/en/fee/trading, 2026-10:
the exchange information itself states no fee."""


class _Filter(Struct, rename="camel", gc=False):
    filter_type: str
    min_price: Number = None
    max_price: Number = None
    min_qty: Number = None
    max_qty: Number = None


class _Symbol(Struct, rename="camel"):
    status: str
    base_asset: str
    quote_asset: str
    filters: list[_Filter] | None = None


class _ExchangeInfo(Struct, rename="camel"):
    symbols: msgspec.Raw
    server_time: Stamp = None


_exchange_info = wire_decoder(_ExchangeInfo)
_symbol = wire_decoder(_Symbol)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v3/exchangeInfo`: limits of lot size and of price.

    Raises:
        SourceMalformed: it lists no pair.
    """
    info: _ExchangeInfo = _exchange_info(body)
    rows: list[_Symbol] = read_rows(info.symbols, _symbol)
    rules = tuple(rule for row in rows if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("no pair is listed")
    return Exchange("binance", rules, info.server_time or time_ms)


def _rule(row: _Symbol) -> MarketRule | None:
    pair = own_pair(row.base_asset, row.quote_asset)
    if not pair:
        return None
    filters = {one.filter_type: one for one in row.filters or ()}
    lot = filters.get("LOT_SIZE", _NO_FILTER)
    prices = filters.get("PRICE_FILTER", _NO_FILTER)
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.status == "TRADING",
        min_amount=price(lot.min_qty),
        max_amount=price(lot.max_qty),
        min_price=price(prices.min_price),
        max_price=price(prices.max_price),
        maker_fee=FEE,
        taker_fee=FEE,
    )


_NO_FILTER: Final = _Filter("")
