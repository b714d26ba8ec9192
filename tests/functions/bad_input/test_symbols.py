"""What is no symbol is refused, in a path and in a query, and nobody is asked for it."""

import pytest

from tests.functions.bad_input.refusal import refused
from tests.house import House

SYMBOL_PATHS = ["/api/price/", "/api/ticker/", "/api/orderbook/", "/api/trades/"]
NO_SYMBOLS = {
    "traversal": "../etc/passwd",
    "encoded traversal": "..%2f..%2fetc%2fpasswd",
    "empty": "",
    "blank": "%20",
    "dot": ".",
    "300 letters": "A" * 300,
    "21 letters": "A" * 21,
    "emoji": "%F0%9F%9A%80",
    "Greek capitals that look alike": "%CE%92%CE%A4C",
    "full-width": "%EF%BC%A2%EF%BC%B4%EF%BC%A3",
    "SQL": "BTC'%20OR%201=1--",
    "script": "%3Cscript%3Ealert(1)%3C/script%3E",
    "template": "${jndi:ldap://x}",
    "CRLF": "BTC%0d%0aSet-Cookie:%20x=1",
    "line break at the end": "BTC%0a",
    "NUL": "BTC%00",
    "tab": "BTC%09",
    "broken percent": "%zz",
    "lone percent": "BTC%",
    "no UTF-8": "%ff",
    "overlong UTF-8": "%C0%AF",
    "only a separator": "/",
    "no base": "/USDT",
    "no quote": "BTC/",
    "two separators": "BTC/USDT/EUR",
    "doubled separator": "BTC//USDT",
    "star": "*",
    "semicolon": "BTC;USDT",
    "comma": "BTC,ETH",
    "right-to-left override": "%E2%80%AEBTC",
}


@pytest.mark.parametrize("path", SYMBOL_PATHS)
@pytest.mark.parametrize("what", NO_SYMBOLS)
async def test_what_is_no_symbol_is_refused_in_a_path(house: House, path: str, what: str) -> None:
    answer = await house.get(path + NO_SYMBOLS[what])

    refused(answer, "symbol")
    assert house.calls == 0


@pytest.mark.parametrize("what", [what for what in NO_SYMBOLS if what != "empty"])
async def test_what_is_no_symbol_is_refused_in_a_query(house: House, what: str) -> None:
    spelled = NO_SYMBOLS[what].replace("&", "%26").replace("#", "%23")

    answer = await house.get(f"/api/ohlcv?timeframe=1h&symbol={spelled}")

    refused(answer)
    assert house.calls == 0


async def test_a_missing_symbol_is_refused(house: House) -> None:
    for query in ("timeframe=1h", "timeframe=1h&symbol=", "timeframe=1h&symbol"):
        [field] = refused(await house.get(f"/api/ohlcv?{query}"))

        assert (field["field"], field["value"]) == ("symbol", None)
