"""What a text is about beside coins: a few topics, by words that leave no doubt."""

import re
from typing import Final

_TABLE: Final = """
etf: etf etfs etp etps
regulation: regulation regulations regulator regulators regulatory regulate regulated sec cftc mica
regulation: lawmaker lawmakers senate senator senators congress legislation sanctions compliance
regulation: licence licences license licenses licensed court lawsuit
hack: hack hacks hacked hacker hackers exploit exploits exploited phishing stolen breach|rug pull
defi: defi dex dexs dexes amm uniswap aave makerdao lido|decentralized finance|decentralised finance
defi: |yield farming|liquidity pool|liquidity pools|lending protocol
nft: nft nfts opensea ordinals bayc cryptopunks nonfungible collectibles|non fungible|bored ape
nft: |bored apes
stablecoin: stablecoin stablecoins usdt usdc tether
mining: mining miner miners hashrate halving|hash rate
metaverse: metaverse gamefi p2e|play to earn
cbdc: cbdc cbdcs|digital yuan|digital euro|digital dollar|digital ruble|digital rupee
layer2: rollup rollups zkevm l2 l2s|layer 2|layer two
staking: staking stake staked stakers restaking
exchange: exchange exchanges coinbase binance kraken bitfinex okx bybit ftx kucoin
price: price prices rally rallies rallied plunge plunges plunged surge surges surged ath trader
price: traders resistance|all time
institutional: institution institutions institutional blackrock fidelity grayscale microstrategy
institutional: |hedge fund|hedge funds
airdrop: airdrop airdrops
memecoin: memecoin memecoins|meme coin|meme coins
ai: ai|artificial intelligence
dao: dao daos
macro: fed inflation cpi fomc recession|federal reserve|interest rate|interest rates
ath: ath|all time high|record high
"""
_WORD = re.compile(r"[a-z0-9]+")


def _topics() -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for line in _TABLE.strip().splitlines():
        topic, _, words = line.partition(": ")
        single, *phrases = words.split("|")
        for word in (*single.split(), *phrases):
            made.setdefault(word, []).append(topic)
    return made


_BY_WORDS: Final = _topics()


def find_topics(text: str) -> tuple[str, ...]:
    """The topics of a text in the order of their first word."""
    words = _WORD.findall(text.lower())
    found: dict[str, None] = {}
    for i, word in enumerate(words):
        for size in (1, 2, 3):
            phrase = word if size == 1 else " ".join(words[i : i + size])
            for topic in _BY_WORDS.get(phrase, ()):
                found.setdefault(topic)
    return tuple(found)
