"""Kraken's rules of pairs. https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs"""

from msgspec import Raw, Struct

from lib.errors import SourceMalformed
from lib.market import Exchange, MarketRule
from lib.wire.kraken_answer import read_result
from lib.wire.kraken_names import parse_pair_name, parse_spelled_out
from lib.wire.typed import Number, wire_decoder
from lib.wire.venues import price, signed


class _Market(Struct):
    wsname: str | None = None
    ordermin: Number = None
    fees: list[list[Number]] | None = None
    fees_maker: list[list[Number]] | None = None
    status: str = "online"  # old answers do not say


_decode_market = wire_decoder(_Market)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /0/public/AssetPairs`, dark pools left out. Fees come in percent."""
    rules = [_rule(name, raw) for name, raw in read_result(body).items() if not name.endswith(".d")]
    known = tuple(rule for rule in rules if rule)
    if not known:
        raise SourceMalformed("kraken: no pair")
    return Exchange("kraken", known, time_ms)


def _rule(name: str, raw: Raw) -> MarketRule | None:
    try:
        market: _Market = _decode_market(raw)
    except SourceMalformed:
        return None
    pair = parse_spelled_out(market.wsname) if market.wsname else parse_pair_name(name)
    if pair is None:
        return None
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=market.status == "online",
        min_amount=price(market.ordermin),
        maker_fee=_fee(market.fees_maker),
        taker_fee=_fee(market.fees),
    )


def _fee(schedule: list[list[Number]] | None) -> float | None:
    """Of an account that trades little: the first `[volume, percent]` row."""
    percent = signed(schedule[0][1]) if schedule and len(schedule[0]) > 1 else None
    # rounding takes off what binary fractions add
    return None if percent is None else round(percent / 100, 8)
