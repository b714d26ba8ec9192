"""Which asset a ticker means."""

from collections import Counter

import pytest

from lib.assets import Asset, AssetTable, clean_text, load_seed
from lib.market import Coin, Coins, Listing, Listings
from lib.wire.coingecko import parse_listings
from lib.wire.coingecko_coins import parse_coins
from tests.conftest import Corpus

SEED = load_seed()
UNISWAP = Listing(id="uniswap", symbol="UNI", name="Uniswap", rank=37)
UNICORN = Listing(id="unicorn-token", symbol="UNI", name="UNICORN Token", rank=2900)
UNRANKED = Listing(id="universe", symbol="UNI", name="Universe")


def table(*rows: Listing, coins: tuple[Coin, ...] = (), **options: str) -> AssetTable:
    return AssetTable(Listings(rows, 1), Coins(coins, 1), **options)  # type: ignore[arg-type]


def recorded_coins(corpus: Corpus) -> Coins:
    return parse_coins(corpus.body("coingecko/coins_list"), 1)


def recorded_table(corpus: Corpus) -> Listings:
    return parse_listings(corpus.body("coingecko/coins_markets_top100_sparkline_2026"), 1)


# the best rank wins


def test_the_best_market_cap_rank_wins_wherever_it_stands() -> None:
    assets = table(UNRANKED, UNICORN, UNISWAP)

    assert assets.of("UNI") == Asset("uniswap", "UNI", "Uniswap", 37, "coingecko")
    assert assets.of("uni") == assets.of("UNI")


def test_without_ranks_the_first_listed_stands_for_the_ticker() -> None:
    other = Listing(id="other", symbol="UNI", name="Other")

    assert table(UNRANKED, other).of("UNI") == Asset("universe", "UNI", "Universe")


def test_the_others_of_a_ticker_are_told_best_first() -> None:
    peg = Coin("binance-peg-uniswap", "UNI", "Binance-Peg Uniswap")
    assets = table(UNRANKED, UNICORN, UNISWAP, coins=(Coin("uniswap", "UNI", "Uniswap"), peg))

    others = [(other.id, other.name, other.rank) for other in assets.others("UNI")]

    assert others == [
        ("unicorn-token", "UNICORN Token", 2900),
        ("universe", "Universe", None),
        ("binance-peg-uniswap", "Binance-Peg Uniswap", None),
    ]


def test_the_same_asset_under_another_sources_id_is_no_other_asset() -> None:
    bnb = Listing(id="binance-coin", symbol="BNB", name="Binance Coin", rank=3)
    assets = AssetTable(Listings((bnb,), 1), seed=SEED, source="coinmarketcap")

    assert assets.of("BNB") == Asset("binance-coin", "BNB", "Binance Coin", 3, "coinmarketcap")
    assert assets.others("BNB") == ()


def test_an_unknown_ticker_is_nobody() -> None:
    assets = table(UNISWAP)

    assert assets.of("NOPE") is None
    assert assets.others("NOPE") == ()
    assert assets.id_of("NOPE", "coingecko") is None


# ids


def test_each_source_has_its_own_id_of_an_asset() -> None:
    bnb = Listing(id="binance-coin", symbol="BNB", name="Binance Coin", rank=3)
    assets = AssetTable(Listings((bnb,), 1), seed=SEED, source="coinmarketcap")

    assert assets.id_of("BNB", "coinmarketcap") == "binance-coin"
    assert assets.id_of("BNB", "coingecko") == "binancecoin"
    assert assets.id_of("BNB", "coinpaprika") is None


def test_an_id_is_found_by_name_where_a_source_merely_lists_coins() -> None:
    coins = (Coin("unicorn", "UNI", "Unicorn"), Coin("uni-uniswap", "UNI", "uniswap"))
    assets = table(UNISWAP, coins=coins, coins_source="coinpaprika")

    assert assets.id_of("UNI", "coinpaprika") == "uni-uniswap"


def test_no_id_is_guessed_where_nothing_tells_coins_apart() -> None:
    coins = (Coin("a", "AAA", "First"), Coin("b", "AAA", "Second"), Coin("c", "BBB", "Only"))
    assets = table(coins=coins)

    assert assets.id_of("AAA", "coingecko") is None
    assert assets.id_of("BBB", "coingecko") == "c"


def test_a_namesake_of_another_name_is_not_the_asset() -> None:
    assets = table(
        Listing(id="abc", symbol="ABC", name="Alphabet", rank=400),
        coins=(Coin("abc-chain", "ABC", "Abc Chain"),),
        coins_source="coinpaprika",
    )

    assert assets.id_of("ABC", "coinpaprika") is None


# recorded lists


@pytest.mark.parametrize(
    ("symbol", "meant", "others"),
    [
        ("UNI", "uniswap", {"binance-peg-uniswap", "unicorn-token", "universe-token"}),
        ("DOT", "polkadot", {"binance-peg-polkadot"}),
        ("XRP", "ripple", {"binance-peg-xrp"}),
        ("ADA", "cardano", {"binance-peg-cardano"}),
        ("TRX", "tron", {"tron-bsc"}),
        ("POL", "polygon-ecosystem-token", {"proof-of-liquidity"}),
        ("S", "sonic-3", {"sharpay"}),
    ],
)
@pytest.mark.parametrize("ranked", [True, False])
def test_trap_1_a_ticker_of_several_coins_means_the_largest(
    corpus: Corpus, symbol: str, meant: str, others: set[str], *, ranked: bool
) -> None:
    listings = recorded_table(corpus) if ranked else None
    assets = AssetTable(listings, recorded_coins(corpus), seed=SEED)

    chosen = assets.of(symbol)

    assert chosen is not None
    assert chosen.id == assets.id_of(symbol, "coingecko") == meant
    assert {other.id for other in assets.others(symbol)} == others


def test_trap_1_every_recorded_ticker_of_several_coins_means_the_ranked_one(
    corpus: Corpus,
) -> None:
    raw = corpus.recording("coingecko/coins_list")["body"]
    shared = {s for s, n in Counter(row["symbol"] for row in raw).items() if n > 1}
    ranked = {row.symbol: row.id for row in reversed(recorded_table(corpus).rows)}
    meant = {asset.symbol: asset.id for asset in SEED} | ranked
    assets = AssetTable(recorded_table(corpus), recorded_coins(corpus), seed=SEED)

    chosen = {symbol: assets.of(symbol) for symbol in shared}
    known = {symbol: asset for symbol, asset in chosen.items() if symbol.upper() in meant}

    assert len(shared) == 676
    assert None not in chosen.values()
    assert len(known) > 30
    assert {s: a and a.id for s, a in known.items()} == {s: meant[s.upper()] for s in known}


def test_every_recorded_market_row_of_its_own_ticker_is_found(corpus: Corpus) -> None:
    listings = recorded_table(corpus)
    assets = AssetTable(listings, seed=SEED)

    assert [assets.of(row.symbol) for row in listings.rows] == [
        Asset(row.id, row.symbol, row.name, row.rank) for row in listings.rows
    ]


# the seed


def test_the_seed_names_each_ticker_once_and_each_asset_once() -> None:
    tickers = Counter(asset.symbol for asset in SEED)
    names = Counter(asset.name for asset in SEED)
    written_twice = Counter(asset.id for asset in SEED if asset.id not in ALSO_WRITTEN)

    assert set(tickers.values()) == set(written_twice.values()) == {1}
    assert {name for name, n in names.items() if n > 1} == {"Gram", "IOTA", "Nano", "Ronin"} | {
        "Pax Dollar"
    }
    assert len(SEED) > 300


ALSO_WRITTEN = {
    "the-open-network": {"GRAM", "TON"},
    "iota": {"IOTA", "MIOTA"},
    "nano": {"XNO", "NANO"},
    "paxos-standard": {"USDP", "PAX"},
    "ronin": {"RON", "RONIN"},
}


def test_the_seed_knows_what_else_an_asset_is_written() -> None:
    found = {
        wire_id: {asset.symbol for asset in SEED if asset.id == wire_id} for wire_id in ALSO_WRITTEN
    }

    assert found == ALSO_WRITTEN


def test_the_seed_is_spelled_plainly() -> None:
    assert all(asset.symbol.isascii() and asset.symbol.isalnum() for asset in SEED)
    assert all(asset.symbol == asset.symbol.upper() for asset in SEED)
    assert all(asset.name == clean_text(asset.name) != "" for asset in SEED)
    assert all(asset.id == asset.id.lower() and " " not in asset.id for asset in SEED)
    assert {(asset.rank, asset.source) for asset in SEED} == {(None, "coingecko")}


def test_the_seed_agrees_with_the_recorded_market_table_and_begins_in_its_order(
    corpus: Corpus,
) -> None:
    recorded = {row.id: row for row in recorded_table(corpus).rows}
    known = [asset for asset in SEED if asset.id in recorded and asset.symbol != "TON"]

    assert all(recorded[asset.id].symbol == asset.symbol for asset in known)
    assert [asset.id for asset in known] == [i for i in recorded if i in {a.id for a in known}]
    assert len(known) > 85
    assert {asset.id for asset in SEED[:80]} <= recorded.keys()


def test_the_seed_agrees_with_the_recorded_list_of_coins(corpus: Corpus) -> None:
    recorded = {row.id: row.symbol for row in recorded_coins(corpus).rows}
    tickers = {asset.id: set[str]() for asset in SEED}
    for asset in SEED:
        tickers[asset.id].add(asset.symbol)

    renamed = {i for i in tickers if i in recorded and recorded[i] not in tickers[i]}

    assert sum(i in recorded for i in tickers) > 150
    # the collapse of May 2022 renamed the first two; RNDR became RENDER in 2024
    assert renamed == {"terra-luna", "terrausd", "render-token"}


@pytest.mark.parametrize(
    ("symbol", "wire_id"),
    [
        ("BTC", "bitcoin"),
        ("BNB", "binancecoin"),
        ("POL", "polygon-ecosystem-token"),
        ("S", "sonic-3"),
        ("RENDER", "render-token"),
        ("A", "vaulta"),
        ("KAIA", "kaia"),
        ("SKY", "sky"),
        ("FET", "fetch-ai"),
        ("TON", "the-open-network"),
    ],
)
def test_well_known_ids_are_known_before_anything_was_fetched(symbol: str, wire_id: str) -> None:
    assert AssetTable(seed=SEED).id_of(symbol, "coingecko") == wire_id


def test_a_seed_can_be_read_from_elsewhere() -> None:
    rows = "symbol,name,coingecko_id,also_written\nAAA,Triple A,aaa-coin,\nB,Bee,bee,BEE\n"

    assert load_seed(lambda: rows) == (
        Asset("aaa-coin", "AAA", "Triple A"),
        Asset("bee", "B", "Bee"),
        Asset("bee", "BEE", "Bee"),
    )


# suggestions


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("BTCC", "BTC"),
        ("BTX", "BTC"),
        ("BCT", "BTC"),
        ("DOGEE", "DOGE"),
        ("SOLL", "SOL"),
        ("bitcoin", "BTC"),
        ("Ethereum", "ETH"),
        ("cardano", "ADA"),
        ("REND", "RENDER"),
    ],
)
def test_the_nearest_ticker_is_suggested_first(written: str, first: str) -> None:
    assert AssetTable(seed=SEED).suggest(written)[0] == first


@pytest.mark.parametrize("written", ["", " ", "ZZZZZZZZ", "\N{DOG FACE}", "x" * 10_000])
def test_nothing_near_suggests_nothing(written: str) -> None:
    assert AssetTable(seed=SEED).suggest(written) == []


def test_suggestions_are_few_and_never_what_was_asked() -> None:
    suggested = AssetTable(seed=SEED).suggest("A", 3)

    assert len(suggested) == 3
    assert "A" not in suggested


def test_some_tickers_are_the_largest() -> None:
    ranked = table(UNISWAP, Listing(id="bitcoin", symbol="BTC", name="Bitcoin", rank=1))

    assert ranked.some(5) == ["BTC", "UNI"]
    assert AssetTable(seed=SEED).some(3) == ["BTC", "ETH", "USDT"]


def test_the_well_known_assets_can_be_gone_through_best_first() -> None:
    assets = table(UNICORN, UNISWAP, coins=(Coin("zoc", "ZOC", "01coin"),))

    assert [asset.id for asset in assets] == ["uniswap"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\u200b\u200bStable", "Stable"),
        ("  Two words ", "Two words"),
        ("a\nb\x00", "ab"),
        ("\u5e01\u5b89", "\u5e01\u5b89"),
        (None, ""),
        ("x" * 500, "x" * 100),
    ],
)
def test_an_outside_name_is_made_safe_to_show(text: str | None, clean: str) -> None:
    assert clean_text(text) == clean
