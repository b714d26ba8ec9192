"""What is traded in the sandbox: real names, sandbox numbers. Nothing here is a market fact."""

from dataclasses import dataclass
from math import floor, log10
from typing import Final

_TABLE: Final = """
BTC    bitcoin                   Bitcoin               60000      19.8e6  19.8e6  21e6    pow
ETH    ethereum                  Ethereum              3000       120e6   120e6   -       pos
USDT   tether                    Tether                1          140e9   140e9   -       stable
BNB    binancecoin               BNB                   600        139e6   139e6   200e6   pos
SOL    solana                    Solana                150        540e6   600e6   -       pos
XRP    ripple                    XRP                   1.5        59e9    99.9e9  100e9   payments
USDC   usd-coin                  USDC                  1          60e9    60e9    -       stable
DOGE   dogecoin                  Dogecoin              0.16       149e9   149e9   -       pow,meme
ADA    cardano                   Cardano               0.6        36e9    45e9    45e9    pos
TRX    tron                      TRON                  0.2        94e9    94e9    -       pos
TON    the-open-network          Toncoin               4          2.5e9   5.1e9   -       pos
AVAX   avalanche-2               Avalanche             28         420e6   460e6   720e6   pos
LINK   chainlink                 Chainlink            15         650e6   1e9     1e9     defi,oracle
SHIB   shiba-inu                 Shiba Inu             0.00001600 589e12  589e12  -       meme
DOT    polkadot                  Polkadot              5.5        1.55e9  1.6e9   2.1e9   pos
BCH    bitcoin-cash              Bitcoin Cash          400        19.9e6  19.9e6  21e6    pow
LTC    litecoin                  Litecoin              85         76e6    84e6    84e6    pow
XLM    stellar                   Stellar               0.25       31e9    50e9    50e9    payments
SUI    sui                       Sui                   2.2        3.5e9   10e9    10e9    pos
HBAR   hedera-hashgraph          Hedera                0.15       42e9    50e9    50e9    pos
NEAR   near                      NEAR Protocol         3.2        1.25e9  1.27e9  -       pos
UNI    uniswap                   Uniswap               8          600e6   1e9     1e9     defi
DAI    dai                       Dai                  1          5.3e9   5.3e9   -       stable,defi
PEPE   pepe                      Pepe                  0.00000900 420e12  420e12  420e12  meme
APT    aptos                     Aptos                 6          640e6   1.2e9   -       pos
AAVE   aave                      Aave                  190        15.2e6  16e6    16e6    defi
ICP    internet-computer         Internet Computer     6          535e6   535e6   -       pos
ETC    ethereum-classic          Ethereum Classic      20         153e6   210e6   210e6   pow
XMR    monero                    Monero                210        18.4e6  18.4e6  -       pow
RENDER render-token              Render                4.5        518e6   533e6   644e6   nft,ai
POL    polygon-ecosystem-token   POL (ex-MATIC)        0.4        10.4e9  10.4e9  -       pos
S      sonic-3                   Sonic                 0.45       3.2e9   3.2e9   -       pos
ATOM   cosmos                    Cosmos Hub            5.2        460e6   460e6   -       pos
FIL    filecoin                  Filecoin              3.4        680e6   1.96e9  1.96e9  storage
ARB    arbitrum                  Arbitrum              0.5        5e9     10e9    10e9    pos
OP     optimism                  Optimism              0.9        1.7e9   4.3e9   4.3e9   pos
ALGO   algorand                  Algorand              0.2        8.7e9   8.7e9   10e9    pos
VET    vechain                   VeChain               0.025      85.9e9  85.9e9  86.7e9  pos
INJ    injective-protocol        Injective             14         100e6   100e6   -       defi
FET    fetch-ai                  Artificial Superintelligence Alliance 0.7 2.4e9 2.7e9 2.7e9 ai
IMX    immutable-x               Immutable             0.6        1.9e9   2e9     2e9     nft
GRT    the-graph                 The Graph             0.1        9.7e9   10.8e9  10.8e9  ai
STX    blockstack                Stacks                0.8        1.55e9  1.55e9  1.82e9  pow
THETA  theta-token               Theta Network         0.9        1e9     1e9     1e9     nft
SAND   the-sandbox               The Sandbox           0.28       2.5e9   3e9     3e9     nft
MANA   decentraland              Decentraland          0.3        1.9e9   2.2e9   -       nft
AXS    axie-infinity             Axie Infinity         2.8        160e6   270e6   270e6   nft
FLOW   flow                      Flow                  0.4        1.6e9   1.6e9   -       nft
CHZ    chiliz                    Chiliz                0.045      9.7e9   9.7e9   -       nft
APE    apecoin                   ApeCoin               0.65       800e6   1e9     1e9     nft
GALA   gala                      GALA                  0.018      44e9    44e9    50e9    nft
BLUR   blur                      Blur                  0.12       2.4e9   3e9     3e9     nft
SKY    sky                       Sky                   0.06       21e9    23e9    23e9    defi
LDO    lido-dao                  Lido DAO              1.1        895e6   1e9     1e9     defi
CRV    curve-dao-token           Curve DAO             0.6        1.3e9   2.2e9   3.03e9  defi
COMP   compound-governance-token Compound              45         9.3e6   10e6    10e6    defi
SNX    havven                    Synthetix Network     0.8        340e6   340e6   -       defi
SUSHI  sushi                     Sushi                 0.7        193e6   285e6   -       defi
1INCH  1inch                     1inch                 0.25       1.4e9   1.5e9   1.5e9   defi
C98    coin98                    Coin98                0.06       1e9     1e9     1e9     defi
CAKE   pancakeswap-token         PancakeSwap           2.3        330e6   360e6   450e6   defi
YFI    yearn-finance             yearn.finance         5500       33700   36666   36666   defi
BAL    balancer                  Balancer              1.3        64e6    70e6    96e6    defi
ZRX    0x                        0x Protocol           0.25       848e6   1e9     1e9     defi
RUNE   thorchain                 THORChain             1.4        351e6   425e6   500e6   defi
DYDX   dydx-chain                dYdX                  0.6        760e6   960e6   1e9     defi
GMX    gmx                       GMX                   15         10e6    10e6    13.2e6  defi
JUP    jupiter-exchange-solana   Jupiter               0.5        3e9     7e9     7e9     defi
ENA    ethena                    Ethena                0.4        6e9     15e9    15e9    defi
PENDLE pendle                    Pendle                3.5        165e6   281e6   281e6   defi
TIA    celestia                  Celestia              2.5        700e6   1.1e9   -       pos
SEI    sei-network               Sei                   0.2        5.5e9   10e9    10e9    pos
KAS    kaspa                     Kaspa                 0.08       26e9    26e9    28.7e9  pow
BONK   bonk                      Bonk                  0.00001500 77e12   88e12   88e12   meme
WIF    dogwifcoin                dogwifhat             0.6        998e6   998e6   998e6   meme
FLOKI  floki                     FLOKI                 0.00008000 9.5e12  9.7e12  10e12   meme
TURBO  turbo                     Turbo                 0.0040     69e9    69e9    69e9    meme
EGLD   elrond-erd-2              MultiversX            16         28e6    28e6    31.4e6  pos
XTZ    tezos                     Tezos                 0.7        1.04e9  1.06e9  -       pos
A      vaulta                    Vaulta                0.5        1.56e9  2.1e9   2.1e9   pos
NEO    neo                       NEO                   6          70.5e6  100e6   100e6   pos
IOTA   iota                      IOTA                  0.18       3.8e9   4.6e9   -       pos
ZEC    zcash                     Zcash                 45         16e6    16e6    21e6    pow
DASH   dash                      Dash                  24         12.3e6  12.3e6  18.9e6  pow
KAIA   kaia                      Kaia                  0.12       6e9     6e9     -       pos
LUNC   terra-luna                Terra Luna Classic    0.00006000 5.5e12  6.5e12  -       pos
ENS    ethereum-name-service     Ethereum Name Service 18         36e6    100e6   100e6   nft
JASMY  jasmycoin                 JasmyCoin             0.014      49e9    50e9    50e9    ai
WLD    worldcoin-wld             Worldcoin             1          1.8e9   10e9    10e9    ai
TAO    bittensor                 Bittensor             350        9e6     9e6     21e6    ai
FDUSD  first-digital-usd         First Digital USD     1          1.4e9   1.4e9   -       stable
PAXG   pax-gold                  PAX Gold              3300       250000  250000  -       gold
UNI    unicorn-token             UNICORN Token         0.0021     90e6    100e6   100e6   meme
ADA    ada-the-dog               ADA the Dog           0.00012    40e6    50e6    -       meme
DOT    dot-finance-2             Dot Finance           0.004      22e6    60e6    -       defi
"""

_CMC_IDS: Final = {"bitcoin": 1, "ethereum": 1027, "tether": 825, "binancecoin": 1839}


@dataclass(frozen=True, slots=True)
class Asset:
    """A coin: `base` is the dollar price that its market wanders around."""

    number: int
    symbol: str
    id: str  # CoinGecko's
    name: str
    base: float
    circulating: float
    total: float
    maximum: float | None
    tags: tuple[str, ...]
    twin: bool  # a lesser coin that shares its symbol: no venue lists it
    price_decimals: int
    amount_decimals: int

    @property
    def weekly_volatility(self) -> float:
        """Standard deviation of a week's log return."""
        if "fiat" in self.tags or "stable" in self.tags:
            return 0.0003
        if "gold" in self.tags:
            return 0.02
        if self.id in ("bitcoin", "ethereum", "binancecoin"):
            return {"bitcoin": 0.065, "ethereum": 0.085, "binancecoin": 0.075}[self.id]
        return 0.13 if "meme" in self.tags else 0.1

    @property
    def weekly_volume(self) -> float:
        """Dollars traded in a usual week."""
        if "fiat" in self.tags:
            return 2e8
        return self.base * self.circulating * (1.4 if "stable" in self.tags else 0.3)

    @property
    def cmc_id(self) -> int:
        """CoinMarketCap's number."""
        return _CMC_IDS.get(self.id, 30_000 + self.number)

    @property
    def slug(self) -> str:
        """The name as CoinMarketCap and CoinPaprika put it in addresses."""
        kept = "".join(c if c.isalnum() else " " for c in self.name.lower())
        return "-".join(kept.split())

    @property
    def image(self) -> str:
        """Where a picture of it would be."""
        return f"https://coin-images.coingecko.com/coins/images/{self.number}/large/{self.id}.png"

    @property
    def ath(self) -> float:
        """All-time high: above anything that the sandbox's market can reach."""
        return self.base * 10

    @property
    def atl(self) -> float:
        """All-time low: below anything that the sandbox's market can reach."""
        return self.base / 10

    @property
    def ath_date(self) -> str:
        """A day in the years before the sandbox's coins are usually asked for."""
        return f"{2021 + self.number % 3}-{1 + self.number % 12:02}-{1 + self.number % 27:02}"

    @property
    def atl_date(self) -> str:
        """As `ath_date`, earlier."""
        return f"{2016 + self.number % 4}-{1 + self.number % 11:02}-{1 + self.number % 28:02}"


def _read() -> tuple[Asset, ...]:
    made: list[Asset] = []
    for number, line in enumerate(_TABLE.strip().splitlines(), start=1):
        symbol, coin, *rest = line.split()
        base, circulating, total, maximum, tags = rest[-5:]
        made.append(
            Asset(
                number,
                symbol,
                coin,
                " ".join(rest[:-5]),
                float(base),
                float(circulating),
                float(total),
                None if maximum == "-" else float(maximum),
                tuple(tags.split(",")),
                any(symbol == other.symbol for other in made),
                *_decimals(float(base)),
            )
        )
    return tuple(made)


def _decimals(base: float) -> tuple[int, int]:
    # six significant digits of price, and no more than eight decimals in price times amount
    price = min(8, max(2, 5 - floor(log10(base))))
    return price, min(5, 8 - price)


def _fiat(number: int, symbol: str, base: float) -> Asset:
    return Asset(number, symbol, symbol, symbol, base, 0.0, 0.0, None, ("fiat",), False, 5, 3)


ASSETS: Final = _read()
"""Every coin; of two with one symbol the greater comes first."""

BY_ID: Final = {asset.id: asset for asset in ASSETS}

BY_SYMBOL: Final = {asset.symbol: asset for asset in reversed(ASSETS)}

PER_USD: Final = {"EUR": 0.86, "GBP": 0.74, "JPY": 151.0, "TRY": 41.0, "CHF": 0.8, "CAD": 1.39,
                  "AUD": 1.52, "BRL": 5.4, "CNY": 7.1, "INR": 88.0, "KRW": 1410.0,
                  "ZAR": 17.4, "MXN": 18.5, "PLN": 3.65, "RUB": 81.0, "UAH": 42.0,
                  "SEK": 9.5, "NOK": 10.1, "HKD": 7.8, "SGD": 1.3, "MYR": 4.2}  # fmt: skip
"""What a dollar is worth in the sandbox: coins priced in these keep exactly this rate."""

FIAT: Final = {
    symbol: _fiat(900 + i, symbol, 1 / PER_USD[symbol])
    for i, symbol in enumerate(("EUR", "GBP", "AUD"))
}
"""Currencies with a dollar market of their own, which stays close to the fixed rate."""

FIAT_PER_USD: Final = {
    symbol: _fiat(950 + i, symbol, PER_USD[symbol])
    for i, symbol in enumerate(("JPY", "CHF", "CAD"))
}
"""Currencies quoted the other way round: so many to the dollar."""
