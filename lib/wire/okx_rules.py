"""OKX's rules of pairs. https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments"""

from typing import Final

from msgspec import Struct

from lib.errors import SourceMalformed
from lib.market import Exchange, MarketRule
from lib.wire.okx_answer import read_data
from lib.wire.typed import Number, read_rows, wire_decoder
from lib.wire.venues import price, read_pair

MAKER_FEE, TAKER_FEE = 0.0008, 0.001
"""What a regular user of level 1 pays for Tether and crypto pairs. https://www.okx.com/fees,
2026-10; other quotes have tables of their own."""

FEE_QUOTES: Final = frozenset({"USDT", "BTC", "ETH"})


class _Instrument(Struct, rename="camel", gc=False):
    base_ccy: str
    quote_ccy: str
    state: str
    min_sz: Number = None
    max_lmt_sz: Number = None


_instrument = wire_decoder(_Instrument)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v5/public/instruments` of spot pairs, which says no limit of price.

    Raises:
        SourceMalformed: it lists no pair.
    """
    rules = tuple(rule for row in read_rows(read_data(body), _instrument) if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("okx: no pair is listed")
    return Exchange("okx", rules, time_ms)


def _rule(row: _Instrument) -> MarketRule | None:
    pair = read_pair(row.base_ccy, row.quote_ccy)
    if not pair:
        return None
    known = pair.quote in FEE_QUOTES
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.state == "live",
        min_amount=price(row.min_sz),
        max_amount=price(row.max_lmt_sz),
        maker_fee=MAKER_FEE if known else None,
        taker_fee=TAKER_FEE if known else None,
    )
