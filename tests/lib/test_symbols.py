"""What people write, and what they mean by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import InvalidParameter
from lib.market import Pair
from lib.symbols import QUOTES, RENAMES, parse_symbol, split_wire

SPELLINGS = "BTC btc BTCUSDT btcusdt BTC/USDT BTC-USDT BTC_USDT btc/usdt Btc-Usdt BTC:USDT".split()
PLAIN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20)


@pytest.mark.parametrize("text", [*SPELLINGS, " BTC ", "XBT", "xbt/usdt"])
def test_every_spelling_means_the_same_pair(text: str) -> None:
    assert parse_symbol(text).pair == Pair("BTC", "USDT")


@pytest.mark.parametrize(
    ("text", "pair", "bare"),
    [
        ("USDT", "USDT/USD", True),
        ("1INCH", "1INCH/USDT", True),
        ("C98", "C98/USDT", True),
        ("C98USDT", "C98/USDT", False),
        ("1000SATSUSDT", "1000SATS/USDT", False),
        ("UNI", "UNI/USDT", True),
        ("WBTC", "WBTC/USDT", True),
        ("WBTCBTC", "WBTC/BTC", False),
        ("PYUSD", "PYUSD/USDT", True),
        ("TUSD", "TUSD/USDT", True),
        ("PYUSDUSDT", "PYUSD/USDT", False),
        ("USDCUSDT", "USDC/USDT", False),
        ("USDTUSD", "USDT/USD", False),
        ("EURUSD", "EUR/USD", False),
        ("EURUSDT", "EUR/USDT", False),
        ("ETHBTC", "ETH/BTC", False),
        ("SOL", "SOL/USDT", True),
        ("JITOSOL", "JITOSOL/USDT", True),
        ("STARS", "STARS/USDT", True),
        ("BNBUSD", "BNB/USD", False),
        ("DOTUSD", "DOT/USD", False),
        ("SHIBUSD", "SHIB/USD", False),
        ("APTUSD", "APT/USD", False),
        ("BTCTUSD", "BTC/TUSD", False),
        ("ETHBUSD", "ETH/BUSD", False),
        ("BTCFDUSD", "BTC/FDUSD", False),
        ("TUSDUSDT", "TUSD/USDT", False),
        ("BTCEUR", "BTC/EUR", False),
        ("USDTTRY", "USDT/TRY", False),
        ("ETH/XBT", "ETH/BTC", False),
    ],
)
def test_a_quote_is_stripped_only_where_one_was_meant(text: str, pair: str, bare: bool) -> None:
    spoken = parse_symbol(text)

    assert (str(spoken.pair), spoken.bare) == (pair, bare)


def test_a_bare_asset_is_priced_in_what_was_asked_and_echoed_bare() -> None:
    spoken = parse_symbol("eth", quote="EUR")

    assert (spoken.pair, spoken.echo) == (Pair("ETH", "EUR"), "ETH")


def test_a_pair_is_echoed_as_a_pair() -> None:
    assert parse_symbol("ethusdt", quote="EUR").echo == "ETH/USDT"


@pytest.mark.parametrize(
    ("text", "base", "was"),
    [
        ("MATIC", "POL", "MATIC"),
        ("MATICUSDT", "POL", "MATIC"),
        ("ftm-usdt", "S", "FTM"),
        ("RNDR/USDT", "RENDER", "RNDR"),
        ("XDG", "DOGE", "XDG"),
        ("POL", "POL", None),
    ],
)
def test_a_renamed_asset_is_its_present_self(text: str, base: str, was: str | None) -> None:
    spoken = parse_symbol(text)

    assert (spoken.pair.base, spoken.renamed_from) == (base, was)


def test_a_quote_whose_unit_changed_keeps_its_name() -> None:
    assert parse_symbol("ETH/MKR").pair == Pair("ETH", "MKR")


def test_no_rename_leads_to_another_rename() -> None:
    assert not {rename.now for rename in RENAMES.values()} & set(RENAMES)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "/", "BTC/", "/USDT", "BTC//USDT", "BTC/USDT/ETH", "-BTC", "BTC USDT"),
        *(
            "../etc",
            "..%2fetc",
            "BTC\r\nX-Evil: 1",
            "BTC\r\n",
            "\tBTC",
            "BTC\n",
            "BTC\x00",
            "BTC\\",
        ),
        *("B" * 300, "A" * 21, "BTC/" + "U" * 21, "\N{ROCKET}", "\uff22\uff34\uff23", "\u00dfTC"),
        *("b\u0131t", "BTC'--", "BTC;DROP", "' OR 1=1 --", "<script>", "{{7*7}}", "BTC?x=1"),
        *("BTC#", "BTC%00", "$BTC", "BTC,ETH", "BTC.USDT"),
    ],
)
def test_what_is_no_symbol_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse_symbol(text, field="pair")

    (field,) = caught.value.details["fields"]
    assert field["field"] == "pair"
    assert field["value"].isprintable()
    assert len(field["value"]) <= 81


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        pair = parse_symbol(text).pair
    except InvalidParameter:
        return
    assert pair.base.isalnum()
    assert pair.quote.isalnum()
    assert str(pair).isascii()
    assert str(pair) == str(pair).upper()


@given(base=PLAIN, quote=PLAIN, separator=st.sampled_from("/-_:"), lower=st.booleans())
def test_a_written_pair_reads_back(base: str, quote: str, separator: str, lower: bool) -> None:
    if base in RENAMES or quote in RENAMES:
        return
    text = base + separator + quote
    spoken = parse_symbol(text.lower() if lower else text)

    assert spoken.pair == Pair(base, quote)
    assert parse_symbol(str(spoken.pair)) == spoken


@given(
    base=st.sampled_from("BTC ETH SOL DOGE ADA XRP LINK AVAX UNI PEPE 1INCH C98 USDC".split()),
    quote=st.sampled_from("USDT USDC USD EUR GBP TRY BTC ETH FDUSD DAI".split()),
)
def test_a_joined_pair_reads_like_a_written_one(base: str, quote: str) -> None:
    if base != quote:
        assert parse_symbol(base + quote).pair == parse_symbol(f"{base}/{quote}").pair


def test_no_quote_hides_behind_one_that_it_ends_in() -> None:
    for place, quote in enumerate(QUOTES):
        assert not [later for later in QUOTES[place + 1 :] if later.endswith(quote)]


@pytest.mark.parametrize(
    ("symbol", "split"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("ETHBTC", ("ETH", "BTC")),
        ("BTCFDUSD", ("BTC", "FDUSD")),
        ("USDT", None),
        ("NONSENSE", None),
        ("", None),
    ],
)
def test_a_wire_symbol_is_split_at_its_quote(symbol: str, split: tuple[str, str] | None) -> None:
    assert split_wire(symbol) == split


def test_a_venue_may_have_quotes_of_its_own() -> None:
    assert split_wire("XTZXBT", ("XBT",)) == ("XTZ", "XBT")
