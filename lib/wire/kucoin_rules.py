"""KuCoin's rules of pairs.
https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-all-symbols"""

from typing import Final

from msgspec import Struct

from lib.errors import SourceMalformed
from lib.market import Exchange, MarketRule
from lib.wire.kucoin_answer import read_data
from lib.wire.kucoin_names import own_pair
from lib.wire.typed import Count, Number, read_rows, wire_decoder
from lib.wire.venues import amount, price

CLASS_FEES: Final = {1: 0.001, 2: 0.002, 3: 0.003}
"""What a level-0 user pays for assets of class A, B and C, before a pair's coefficient.
https://www.kucoin.com/vip/privilege/fee, 2026-10."""


class _Symbol(Struct, rename="camel", gc=False):
    base_currency: str
    quote_currency: str
    enable_trading: bool
    name: str | None = None
    base_min_size: Number = None
    base_max_size: Number = None
    fee_category: Count = None
    maker_fee_coefficient: Number = None
    taker_fee_coefficient: Number = None


_symbol = wire_decoder(_Symbol)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v2/symbols`, which says no time and no limit of price. A pair's own name is
    in `name`: the symbol and, since v2, the currencies may be former ones.

    Raises:
        SourceMalformed: it lists no pair.
    """
    rules = tuple(rule for row in read_rows(read_data(body), _symbol) if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("kucoin: no pair is listed")
    return Exchange("kucoin", rules, time_ms)


def _rule(row: _Symbol) -> MarketRule | None:
    pair = own_pair(row.name or f"{row.base_currency}-{row.quote_currency}")
    if not pair:
        return None
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.enable_trading,
        min_amount=price(row.base_min_size),
        max_amount=price(row.base_max_size),
        maker_fee=_fee(row.fee_category, row.maker_fee_coefficient),
        taker_fee=_fee(row.fee_category, row.taker_fee_coefficient),
    )


def _fee(category: Count, coefficient: Number) -> float | None:
    share, fee = amount(coefficient), CLASS_FEES.get(category or 0)
    return None if share is None or fee is None else round(fee * share, 8)
