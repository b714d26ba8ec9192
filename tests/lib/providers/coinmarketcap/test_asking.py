"""CoinMarketCap asked, with and without a key."""

import httpx
import pytest

from lib.errors import SourceUnsupported
from lib.providers.coinmarketcap import CoinMarketCap
from lib.queries import Everything, ListQuery
from tests.lib.providers.aggregator import Answer, provider
from tests.lib.wire.coinmarketcap.answers import BITCOIN, V3, table, totals


def telling(text: bytes, seen: list[httpx.Request]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=text)

    return answer


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("key", "path"),
    [
        (None, "/public-api/v3/cryptocurrency/listings/latest"),
        ("k", "/v1/cryptocurrency/listings/latest"),
    ],
)
async def test_the_table_is_asked_for_with_or_without_a_key(key: str | None, path: str) -> None:
    seen: list[httpx.Request] = []

    await provider(CoinMarketCap, telling(V3, seen), key=key).listings(ListQuery(2))

    assert str(seen[0].url.copy_with(query=None)) == f"https://pro-api.coinmarketcap.com{path}"
    assert dict(seen[0].url.params) == {"start": "1", "limit": "500", "convert": "USD"}
    assert seen[0].headers.get("x-cmc_pro_api_key") == key


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("key", "path"),
    [
        (None, "/public-api/v1/global-metrics/quotes/latest"),
        ("k", "/v1/global-metrics/quotes/latest"),
    ],
)
async def test_totals_are_asked_for_with_or_without_a_key(key: str | None, path: str) -> None:
    seen: list[httpx.Request] = []
    cmc = provider(CoinMarketCap, telling(totals(), seen), key=key, base_url="http://mirror/cmc")

    stats = await cmc.globals(Everything())

    assert str(seen[0].url) == f"http://mirror/cmc{path}?convert=USD"
    assert stats.defi_dominance == 2.5


@pytest.mark.anyio
async def test_a_category_is_looked_for_in_more_rows_and_cut_to_size() -> None:
    seen: list[httpx.Request] = []
    rows = [
        BITCOIN | {"slug": f"c{n}", "cmc_rank": n, "tags": ["memes"] if n % 2 else []}
        for n in range(1, 600)
    ]

    found = await provider(CoinMarketCap, telling(table(*rows), seen)).listings(
        ListQuery(1, "meme")
    )

    assert seen[0].url.params["limit"] == "1000"
    assert [row.rank for row in found.rows] == list(range(1, 500, 2))


@pytest.mark.anyio
async def test_an_unknown_category_is_not_asked_for() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinMarketCap, telling(V3, seen)).listings(ListQuery(1, "gaming"))

    assert seen == []


def test_it_says_what_it_serves_and_on_which_terms() -> None:
    assert set(CoinMarketCap.served()) == {"listings", "globals", "moods"}
    assert "CoinMarketCap" in CoinMarketCap.attribution
    assert "personal" in CoinMarketCap.terms
    assert not CoinMarketCap.needs_key
