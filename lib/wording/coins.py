"""Which assets a text names: `$BTC`, tickers in capitals, names; everyday words only with proof.

Precision before completeness: "near the top", "one more link" and "the dot" are no coins.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from lib.assets import Asset
from lib.symbols import FIAT, RENAMES

MOST: Final = 12
"""A text that names more assets than this is a list of prices: the first ones are enough."""

_DOUBTFUL_TICKERS: Final = frozenset(
    "A ACT AI ALT AMP API AR ATH AUDIO BB BIO BTW CAP CAT CC COM CORE CYBER DAO DEFI DENT DEX "
    "DOG DRIFT DUSK EDU ETF FLOW FUN G GAL GAME GAS GLM GMT GO GRASS GT HASH HOT ID IO IP JOE "
    "KEY LAND LAYER LIT M MAGIC MASK ME MELANIA MEME META MON MOVE MX NFT NIL NOT OM ONE OP "
    "ORCA PAY PEOPLE PERP PI PORTAL POWR PUMP RAIN RARE RAY RED REQ S SAGA SC SEC SKY SPX "
    "STABLE STRK SUN SUPER SYN T TIME TRUE TRUMP TURBO U US USA USD VELO VR W WAR WEB WIN WOO X "
    "XAI ZEN ZK".split()
)
"""Also written in capitals where no coin is meant."""

_WORDLIKE_TICKERS: Final = frozenset(
    "ADA APE ATOM BAND BAT BEAM BLUR CAKE CEL COMP DASH DOGS DOT FIL GALA GOAT GRAM HYPE LEO LINK "
    "LUNA MANA NEAR NEO PEPE PIXEL RENDER ROSE RUNE SAND SOL STEP SUSHI TRUMP TON VET WAVES WIF "
    "STORY SONIC CELO FLOKI ICON RON SAFE SLP SPELL YGG ZETA".split()
)
"""Words in a headline that is all capitals."""

_DOUBTFUL_NAMES: Final = frozenset(
    (
        "act i the ai prophecy|aethir|amp|ankr network|arkham|aster|balancer|bancor|"
        "band protocol|beam|biconomy|blur|bonk|brett|canton|catizen|celsius network|compound|"
        "convex finance|core|cosmos|cyber|dai|dash|dent|dogs|drift protocol|flare|flow|ftx|"
        "gala|gate|gitcoin|global dollar|golem|gram|grass|gravity|harmony|holo|horizen|icon|"
        "immutable|joe|jupiter|just|kaito|kucoin|layer|lighter|linea|m|magic|mantle|"
        "maverick protocol|memecoin|movement|mx|nano|neiro|neo|oasis|official trump|ontology|"
        "open campus|optimism|orca|origin token|particle network|pepe|pixels|plasma|portal|"
        "provenance blockchain|quant|rain|render|request|saga|scroll|secret|sei|sky|"
        "smooth love potion|solar|sonic|stable|stacks|stellar|story|sun token|sushi|synapse|"
        "tensor|the graph|threshold|turbo|united stables|usual|vana|velo|venus|waves|wazirx|"
        "woo|wormhole|xai|zora"
    ).split("|")
)
"""Everyday words, and firms better known than their coins."""

_ALSO: Final = {
    "ether": "ETH", "ripple": "XRP", "binance coin": "BNB", "bnb chain": "BNB", "fantom": "S",
    "polygon network": "POL", "matic": "POL", "usd coin": "USDC", "terrausd": "USTC",
    "near protocol": "NEAR", "the sandbox": "SAND", "terra classic": "LUNC", "terra luna": "LUNA",
    "luna": "LUNA", "shib": "SHIB", "toncoin": "GRAM", "bitcoin sv": "BSV", "filecoin": "FIL",
    "render token": "RENDER", "yield guild": "YGG", "apecoin": "APE", "bitcoins": "BTC",
    "bittorrent": "BTT", "cosmos hub": "ATOM", "stellar lumens": "XLM", "avalanche": "AVAX",
}  # fmt: skip
"""Further names, in small letters."""

_OTHERWISE: Final = frozenset(
    (
        "avalanche effect|bitcoin association|bitcoin magazine|bitcoin suisse|bitcoin unlimited|"
        "bitcoin.com news|celsius network|cosmos db|flow traders|gate io|helium balloon|"
        "luna foundation guard|luna park|neo bank|neo banks|polygon studios|"
        "sakura exchange bitcoin|stellar performance|terra firma|terra nova|trust wallet|us dot"
    ).split("|")
)
"""Names that begin like a coin's and mean something else."""

_PLAIN_WORDS: Final = frozenset(
    "bitcoin bitcoins ether ethereum dogecoin litecoin monero cardano polkadot solana chainlink "
    "uniswap tether ripple avalanche".split()
)
"""Names that need no capital."""

_COINED_AFTER: Final = frozenset(
    "token tokens coin coins price network protocol blockchain chain ecosystem mainnet testnet "
    "foundation labs holders stakers validators staking dao finance developers development "
    "memecoin stablecoin airdrop".split()
)
"""What is said of a coin: proof enough behind a name in doubt."""

_OTHER_THINGS: Final = {
    "DOGE": (
        "dogecoin",
        frozenset("government federal agency agencies department efficiency irs layoffs".split()),
    ),
}
"""Tickers that are something else beside such words, unless the coin's name is there too."""

SURE, NAME, TICKER, SMALL = "sure", "name", "ticker", "small"
"""Kinds of mention: beyond doubt, a doubtful name, a doubtful ticker, a word in small letters."""

_WORD = re.compile(r"[$#]?[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*")
_LONGEST: Final = 5


class _Word(NamedTuple):
    text: str
    small: str
    opens: bool  # stands in brackets of its own: (BTC)
    marked: bool  # $BTC
    paired: bool  # one side of BTC/USDT


class Tagger:
    """Finds assets in texts. Made once for an asset table."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        self.names: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for asset in assets:
            if asset.symbol not in FIAT:
                self.names.setdefault(asset.symbol, asset.name)
                self._by_name.setdefault(asset.name.casefold(), _renamed(asset.symbol))
        for name, symbol in _ALSO.items():
            if symbol in self.names:
                self._by_name.setdefault(name, symbol)
        self._starts = {name.split()[0] for name in (*self._by_name, *_OTHERWISE)}

    def find(self, *texts: str) -> tuple[str, ...]:
        """The assets that the texts name, in the order of their naming; at most twelve."""
        said: set[str] = set()
        found: dict[str, None] = {}
        doubted: dict[str, set[str]] = {}
        for text in texts:
            words = _words(text)
            said.update(word.small for word in words)
            shouting = self._shouts(words)
            for symbol, kind in self._mentions(words, shouting):
                if kind == SURE:
                    found.setdefault(symbol)
                else:
                    doubted.setdefault(symbol, set()).add(kind)
        # ticker and name together prove each other
        for symbol, kinds in doubted.items():
            if {NAME, TICKER} <= kinds:
                found.setdefault(symbol)
        for symbol, (name, words_of_other) in _OTHER_THINGS.items():
            if name not in said and said & words_of_other:
                found.pop(symbol, None)
        return tuple(found)[:MOST]

    def _shouts(self, words: list[_Word]) -> bool:
        """Whether a text is all capitals: lists of tickers are not."""
        said = [word.text for word in words if _renamed(word.text) not in self.names]
        letters = [ch for text in said for ch in text if ch.isalpha()]
        return len(letters) > 8 and sum(map(str.isupper, letters)) > 0.7 * len(letters)

    def _mentions(self, words: list[_Word], shouting: bool) -> Iterator[tuple[str, str]]:
        """Symbols, and what kind of mention each is."""
        at = 0
        while at < len(words):
            size, name = self._name_at(words, at)
            if name and name in _OTHERWISE:
                at += size
                continue
            ticker = _renamed(words[at].text)
            if name and not (size == 1 and ticker == self._by_name[name]):
                symbol = self._by_name[name]
                yield symbol, self._kind_of_name(words, at, size, name, shouting)
                at += size
                continue
            yield from self._ticker(words, at, shouting)
            at += 1

    def _name_at(self, words: list[_Word], at: int) -> tuple[int, str]:
        if words[at].small not in self._starts or words[at].marked:
            return 0, ""
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            name = " ".join(word.small for word in words[at : at + size])
            if name in self._by_name or name in _OTHERWISE:
                return size, name
        return 0, ""

    def _kind_of_name(
        self, words: list[_Word], at: int, size: int, name: str, shouting: bool
    ) -> str:
        own = words[at : at + size]
        after = words[at + size] if at + size < len(words) else None
        symbol = self._by_name[name]
        if after and after.opens and _renamed(after.text.upper()) == symbol:
            return SURE
        if name in _PLAIN_WORDS:
            return SURE
        capital = all(word.text[0].isupper() or word.text[0].isdigit() for word in own)
        if name not in _DOUBTFUL_NAMES:
            return SURE if capital and not (shouting and size == 1 and _wordlike(name)) else SMALL
        if not capital:
            return SMALL
        return SURE if after and after.small in _COINED_AFTER and not shouting else NAME

    def _ticker(self, words: list[_Word], at: int, shouting: bool) -> Iterator[tuple[str, str]]:
        word = words[at]
        bare = word.text.lstrip("$#")
        upper = bare.upper()
        symbol = _renamed(upper)
        if symbol not in self.names or upper.isdigit():
            return
        if word.marked and word.text[1].isalpha():
            if bare == upper or upper not in _DOUBTFUL_TICKERS:
                yield symbol, SURE
        elif bare != upper:
            return
        elif len(upper) == 1:
            yield symbol, TICKER
        elif word.paired or (word.opens and upper not in _DOUBTFUL_TICKERS):
            yield symbol, SURE
        else:
            after = words[at + 1].small if at + 1 < len(words) else ""
            plain = upper not in _DOUBTFUL_TICKERS and not (shouting and _wordlike(upper))
            spoken_of = after in ("token", "tokens", "coin", "price") and not shouting
            yield symbol, SURE if plain or spoken_of else TICKER


def _renamed(ticker: str) -> str:
    renamed = RENAMES.get(ticker)
    return renamed.now if renamed else ticker


def _wordlike(text: str) -> bool:
    upper = text.upper()
    return upper in _WORDLIKE_TICKERS or upper in _DOUBTFUL_TICKERS or len(upper) < 3


def _words(text: str) -> list[_Word]:
    made = []
    for found in _WORD.finditer(text):
        start, end = found.span()
        before, behind = text[start - 1 : start], text[end : end + 1]
        word = found[0]
        bare = word.lstrip("$#")
        quoted = behind == "/" and text[end + 1 : end + 5].upper().startswith(("USD", "BTC", "EUR"))
        made.append(
            _Word(
                text=word if word[0] in "$#" else bare,
                small=bare.lower(),
                opens=before == "(" and behind == ")",
                marked=word[0] in "$#",
                paired=quoted,
            )
        )
    return made
