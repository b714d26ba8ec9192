"""Which assets a text names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.assets import load_seed
from lib.wording.coins import MOST, Tagger
from tests.conftest import Corpus
from tests.lib.wording.articles import read_rows
from tests.lib.wording.named_coins import COUNT, FIRST, NAMED, STEP

TAGGER = Tagger(load_seed())


def test_of_what_it_tags_in_200_real_articles_95_in_100_are_named(corpus: Corpus) -> None:
    rows = read_rows(corpus)
    right = wrong = missed = 0

    for i in range(FIRST, FIRST + STEP * COUNT, STEP):
        found = set(TAGGER.find(rows[i].title, rows[i].summary))
        named = set(NAMED.get(i, "").split())
        right += len(found & named)
        wrong += len(found - named)
        missed += len(named - found)

    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize(
    "text",
    [
        "Bulls come near the top as one more link to the dot is found",
        "The magic of flow: a sonic story with a stable core and a secret portal",
        "Not one day too soon: act now, move on, and render the scroll",
        "A quant finds harmony and optimism in the cosmos",
        "Near the end of the line, waves of gas and sand",
        "US DOT and IP law: the SEC asks ME about AI, NFT and ETF rules",
        "New ATH in sight, says the CEO of a DAO",
        "Acala Hints Core Products Rollout",
        "Miners use solar energy from solar panels",
        "De-AMP: a browser cuts out AMP pages",
        "Only $1M of the $5B is left",
        "Shares of $MSTR fall",
        "Musk's DOGE cuts another federal agency",
        "Augmented reality (AR) and intellectual property (IP)",
        "KuCoin pleads guilty, Neo Financial opens",
        "BREAKING: TRUMP SIGNS THE BILL",
    ],
)
def test_everyday_words_are_no_coins(text: str) -> None:
    assert TAGGER.find(text) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("$BTC and $eth lead", "BTC ETH"),
        ("#SOL is up", "SOL"),
        ("NEAR and LINK rally while DOT slips", "NEAR LINK DOT"),
        ("Harmony (ONE) jumps", "ONE"),
        ("Arweave (AR) stores it", "AR"),
        ("KuCoin's KCS", "KCS"),
        ("DOGE rallies 5%", "DOGE"),
        ("Dogecoin rises with talk of the federal DOGE", "DOGE"),
        ("$TRUMP and the TRUMP memecoin", "TRUMP"),
        ("Stellar Development Foundation", "XLM"),
        ("Harmony says that ONE will be listed", "ONE"),
        ("Optimism token unlock", "OP"),
        ("The Graph's GRT", "GRT"),
        ("LINK/USDT breaks out", "LINK USDT"),
        ("bitcoin miners and ether stakers", "BTC ETH"),
        ("Bitcoin Cash is not Bitcoin", "BCH BTC"),
        ("Ethereum Classic forks, Ethereum Name Service votes", "ETC ENS"),
        ("Wrapped Bitcoin on Ethereum", "WBTC ETH"),
        ("Ripple's XRP", "XRP"),
        ("Bitcoin\u2019s rally", "BTC"),
        ("BTC-denominated, Solana-based", "BTC SOL"),
        ("BITCOIN NEAR ONE MONTH LOW, LINK TO REPORT BELOW", "BTC"),
        ("Price analysis 3/18: BTC, ETH, BNB, XRP, LUNA, SOL, ADA", "BTC ETH BNB XRP LUNA SOL ADA"),
    ],
)
def test_coins_are_found_by_sign_ticker_and_name(text: str, named: str) -> None:
    assert TAGGER.find(text) == tuple(named.split())


@pytest.mark.parametrize(
    ("old", "now"), [("MATIC", "POL"), ("$FTM", "S"), ("Fantom", "S"), ("RNDR", "RENDER")]
)
def test_old_names_are_tagged_as_the_present_ones(old: str, now: str) -> None:
    assert TAGGER.find(f"{old} rallies after the news") == (now,)


@pytest.mark.parametrize(
    "text", ["Bitcoin Magazine hires an editor", "Luna Foundation Guard buys gold"]
)
def test_firms_that_carry_a_coins_name_are_not_the_coin(text: str) -> None:
    assert TAGGER.find(text) == ()


@given(st.text(max_size=200))
def test_every_text_can_be_read(text: str) -> None:
    found = TAGGER.find(text)

    assert len(found) == len(set(found)) <= MOST
    assert set(found) <= set(TAGGER.names)
