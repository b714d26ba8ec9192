"""The vocabulary of chains: networks, transactions of an address, large transfers, fees."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from lib.units import Money, UnixMs

Chain = Literal["ethereum", "bsc", "polygon", "bitcoin"]
Kind = Literal["native", "token", "internal"]
Status = Literal["success", "failed"]

Amount = Annotated[float, Meta(description="Amount in units of the token.")]
Gwei = Annotated[float, Meta(description="Price of a unit of gas in gwei (10^-9 of the coin).")]
Address = Annotated[str, Meta(description="Address as the chain writes it, hex in small letters.")]


class Token(Struct, frozen=True):
    """A token by its contract; `priced_as` is the asset whose price is its price."""

    symbol: str
    decimals: int
    priced_as: str


class Network(Struct, frozen=True):
    """An EVM chain: its number, its coin, and the large tokens that are watched on it."""

    chain_id: int
    coin: str
    wrapper: str  # the contract that turns the coin into a token and back
    tokens: dict[str, Token]


_USDT, _USDC, _DAI = (Token(symbol, 6, symbol) for symbol in ("USDT", "USDC", "DAI"))
_WETH, _WBTC = Token("WETH", 18, "ETH"), Token("WBTC", 8, "BTC")


def _with_18(token: Token) -> Token:
    return Token(token.symbol, 18, token.priced_as)


EVM_CHAINS: Final = {
    "ethereum": Network(
        1,
        "ETH",
        "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
        {
            "0xdac17f958d2ee523a2206206994597c13d831ec7": _USDT,
            "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": _USDC,
            "0x6b175474e89094c44da98b954eedeac495271d0f": _with_18(_DAI),
            "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": _WETH,
            "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599": _WBTC,
        },
    ),
    "bsc": Network(
        56,
        "BNB",
        "0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c",
        {
            "0x55d398326f99059ff775485246999027b3197955": _with_18(_USDT),
            "0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d": _with_18(_USDC),
            "0x1af3f329e8be154074d8769d1ffa4ee058b1dbc3": _with_18(_DAI),
            "0x2170ed0880ac9a755fd29b2688956bd959f933f8": _WETH,
            "0x7130d2a12b9bcbfae4f2634d864a1ee1ce3ead9c": Token("BTCB", 18, "BTC"),
        },
    ),
    "polygon": Network(
        137,
        "POL",
        "0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270",
        {
            "0xc2132d05d31c914a87c6611c10748aeb04b58e8f": _USDT,
            "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359": _USDC,
            "0x2791bca1f2de4661ed88a30c99a7a9449aa84174": Token("USDC.E", 6, "USDC"),
            "0x8f3cf7ad23cd3cadbd9735aff958023239c6a063": _with_18(_DAI),
            "0x7ceb23fd6bc0add59e62ac25578270cff1b9f619": _WETH,
            "0x1bfd67037b42cf73acf2047067bd4f2c47d9bfd6": _WBTC,
        },
    ),
}  # fmt: skip
"""The EVM chains that are served; contracts in small letters."""

CHAINS: Final = (*EVM_CHAINS, "bitcoin")
COINS: Final = {name: network.coin for name, network in EVM_CHAINS.items()} | {"bitcoin": "BTC"}
"""Each chain's own coin."""


class Transaction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transfer from or to an address. `None` is unknown or does not exist, never zero."""

    hash: str
    time_ms: UnixMs
    kind: Kind
    sender: str | None
    recipient: str | None
    amount: Amount
    token: str
    status: Status | None = None
    contract: str | None = None  # of the token, or the one that was made
    gas_used: int | None = None
    gas_price: Gwei | None = None
    fee: Amount | None = None
    block: int | None = None


class Transactions(Struct, frozen=True):
    """Transfers of one address, newest first.

    `complete`: there are no older ones. `left_out`: rows that made no sense.
    """

    chain: str
    address: Address
    rows: tuple[Transaction, ...]
    complete: bool
    time_ms: UnixMs
    without: tuple[Kind, ...] = ()
    left_out: int = 0


class Transfer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A large amount that went from one party to another.

    `may_be_change`: it may have gone back to the sender. The owners are what a source says.
    """

    chain: str
    hash: str
    index: str  # which transfer of the transaction
    time_ms: UnixMs
    sender: str | None
    recipient: str | None
    amount: Amount
    token: str
    priced_as: str
    may_be_change: bool = False
    sender_owner: str | None = None
    recipient_owner: str | None = None
    usd: Money | None = None


class Transfers(Struct, frozen=True):
    """The largest transfers of some recent blocks, in no order; `time_ms` is the newest block's."""

    rows: tuple[Transfer, ...]
    since_ms: UnixMs
    time_ms: UnixMs


def largest(rows: Iterable[Transfer], most: int) -> tuple[Transfer, ...]:
    """The rows with the largest amounts of each token: what something is worth is asked later."""
    by_token: dict[str, list[Transfer]] = {}
    for row in rows:
        by_token.setdefault(row.token, []).append(row)
    return tuple(
        row
        for same in by_token.values()
        for row in sorted(same, key=lambda row: -row.amount)[:most]
    )


class Fees(Struct, frozen=True):
    """What being included costs, by patience, in the chain's unit (gwei, or sat/vB)."""

    unit: str
    slow: float
    standard: float
    fast: float
    time_ms: UnixMs
    base: float | None = None
    block: int | None = None


def whole_units(raw: str | int, decimals: int) -> float | None:
    """Smallest units as units: exact division of whole numbers, rounded once; `None` for nonsense.

    No amount on a chain has more than 78 digits (256 bits), no token more than 77 decimals.
    """
    if isinstance(raw, str):
        if not (raw.isascii() and raw.isdecimal() and len(raw) <= 78):
            return None
        raw = int(raw)
    if raw < 0 or raw >= 1 << 256 or not 0 <= decimals <= 77:
        return None
    units: float = raw / 10**decimals
    return units
