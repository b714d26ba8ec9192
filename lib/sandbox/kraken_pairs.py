"""What Kraken lists, in its three spellings, and the rules."""

from dataclasses import dataclass
from typing import Final

from lib.sandbox.assets import BY_SYMBOL, FIAT, FIAT_PER_USD, PER_USD
from lib.sandbox.market import Listed
from lib.sandbox.world import Row, decimal

_CODES: Final = {
    "BTC": ("XBT", "XXBT"), "DOGE": ("XDG", "XXDG"), "ETH": ("ETH", "XETH"), "LTC": ("LTC", "XLTC"),
    "XRP": ("XRP", "XXRP"), "XLM": ("XLM", "XXLM"), "ETC": ("ETC", "XETC"), "ZEC": ("ZEC", "XZEC"),
    "XMR": ("XMR", "XXMR"),
    **{code: (code, f"Z{code}") for code in ("USD", "EUR", "GBP", "JPY", "CAD", "AUD")},
}  # fmt: skip
"""Asset -> the code in short names, the code in full names."""

_COINS: Final = (
    "BTC ETH SOL XRP DOGE ADA LTC XLM ETC ZEC XMR BCH LINK DOT AVAX TRX UNI AAVE ATOM NEAR FIL "
    "ALGO POL S RENDER 1INCH SHIB PEPE SUI TON APT INJ GRT SAND MANA CRV COMP SNX LDO BNB"
).split()
_EUROS: Final = "BTC ETH SOL XRP DOGE ADA LTC LINK DOT AVAX".split()
_TETHERS: Final = "BTC ETH SOL XRP DOGE ADA LTC LINK".split()
_LEGACY: Final = frozenset("BTC ETH LTC XRP XLM ETC ZEC XMR".split())


@dataclass(frozen=True, slots=True)
class KrakenPair:
    """A pair and its three spellings: XXBTZUSD, XBTUSD, XBT/USD."""

    listed: Listed
    base: str
    quote: str

    @property
    def name(self) -> str:
        """Its full name: XXBTZUSD."""
        old = self.base in _LEGACY or self.base in PER_USD or self.base == "USD"
        if old and self.quote not in ("USDT", "CHF") and self.base != "AUD":
            return _code(self.base, 1) + _code(self.quote, 1)
        return _code(self.base, 0) + (
            _code(self.quote, 1) if self.base == "USDT" else _code(self.quote, 0)
        )

    @property
    def alt(self) -> str:
        """Its short name: XBTUSD."""
        return _code(self.base, 0) + _code(self.quote, 0)

    @property
    def spaced(self) -> str:
        """Its name on the stream: XBT/USD."""
        return f"{_code(self.base, 0)}/{_code(self.quote, 0)}"


def _code(asset: str, kind: int) -> str:
    return _CODES.get(asset, (asset, asset))[kind]


def _pairs() -> dict[str, KrakenPair]:
    rates = {q: round(PER_USD[q] * 10_000) for q in ("EUR", "GBP")}
    made = [
        KrakenPair(Listed(BY_SYMBOL[c], "USD"), c, "USD") for c in (*_COINS, "USDT", "USDC", "DAI")
    ]
    made += [KrakenPair(Listed(BY_SYMBOL[c], "EUR", rates["EUR"]), c, "EUR") for c in _EUROS]
    made += [
        KrakenPair(Listed(BY_SYMBOL[c], "GBP", rates["GBP"]), c, "GBP") for c in ("BTC", "ETH")
    ]
    made += [KrakenPair(Listed(BY_SYMBOL[c], "USDT"), c, "USDT") for c in _TETHERS]
    made += [KrakenPair(Listed(asset, "USD"), code, "USD") for code, asset in FIAT.items()]
    made += [KrakenPair(Listed(asset, code), "USD", code) for code, asset in FIAT_PER_USD.items()]
    return {pair.name: pair for pair in made}


PAIRS: Final = _pairs()

SPELLINGS: Final = {s: pair for pair in PAIRS.values() for s in (pair.name, pair.alt, pair.spaced)}


def rule(pair: KrakenPair) -> Row:
    p = pair.listed.price_decimals
    return {
        "altname": pair.alt,
        "wsname": pair.spaced,
        "aclass_base": "currency",
        "base": _code(pair.base, 1),
        "aclass_quote": "currency",
        "quote": _code(pair.quote, 1),
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": p,
        "lot_decimals": 8,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, 0.4], [10000, 0.35], [50000, 0.24]],
        "fees_maker": [[0, 0.25], [10000, 0.2], [50000, 0.14]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": decimal(10, pair.listed.amount_decimals),
        "costmin": "0.5",
        "tick_size": decimal(1, p),
        "status": "online",
    }
