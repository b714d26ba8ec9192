"""/udf/history: the bars that a chart asks for as it loads, scrolls and watches."""

from urllib.parse import quote

import pytest

from lib.timeframes import TIMEFRAME_MS, open_of
from lib.views.udf import RESOLUTIONS
from tests.functions.senses import ascends, sound
from tests.functions.udf.chart import HISTORY, HOUR_S, LAST_S, NOW_S, columns, history
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, House, canned


async def test_a_chart_loads_scrolls_back_and_watches(house: House) -> None:
    config = (await house.get("/udf/config")).json
    assert config["supports_search"] is not config["supports_group_request"]
    assert config["supported_resolutions"] == ["1", "5", "15", "30", "60", "240", "1D", "1W"]

    clock = await house.get("/udf/time")
    assert (clock.headers["content-type"], clock.plain) == (
        "text/plain; charset=utf-8",
        str(NOW_S).encode(),
    )

    found = (await house.get("/udf/search?query=BTC&type=&exchange=&limit=30")).json[0]
    info = (await house.get(f"/udf/symbols?symbol={quote(found['full_name'], safe='')}")).json
    assert "s" not in info  # a status means an error here
    assert (info["name"], info["ticker"], info["session"]) == ("BTCUSDT", "BTCUSDT", "24x7")
    assert info["supported_resolutions"] == config["supported_resolutions"]

    first = (await house.get(history(info["ticker"], "60", NOW_S + 60, countback=329))).json
    bars = columns(first)
    assert (first["s"], len(bars), bars[-1]["t"]) == ("ok", 329, LAST_S)
    assert ascends(bars, "t", HOUR_S)
    assert all(sound(one, "o", "h", "l", "c") for one in bars)

    earlier = columns(
        (await house.get(history(info["ticker"], "60", bars[0]["t"], countback=329))).json
    )
    assert earlier[-1]["t"] == bars[0]["t"] - HOUR_S
    assert len(earlier) == 329

    pulse = (await house.get(history(info["ticker"], "60", NOW_S + 60, countback=2))).json
    quotes = (await house.get(f"/udf/quotes?symbols={info['ticker']}")).json
    assert pulse["c"][-1] == quotes["d"][0]["v"]["lp"]


@pytest.mark.parametrize("resolution", RESOLUTIONS)
async def test_every_resolution_is_served(house: House, resolution: str) -> None:
    frame = RESOLUTIONS[resolution]
    body = (await house.get(history("ETHUSDT", resolution, NOW_S, countback=50))).json

    bars = columns(body)
    assert ascends(bars, "t", TIMEFRAME_MS[frame] // 1000)
    assert (len(bars), bars[-1]["t"]) == (50, open_of(NOW_MS, frame) // 1000)


async def test_from_is_included_and_to_is_not(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from={LAST_S - 4 * HOUR_S}&to={LAST_S - HOUR_S}")).json

    assert body["t"] == [LAST_S - 4 * HOUR_S, LAST_S - 3 * HOUR_S, LAST_S - 2 * HOUR_S]


async def test_a_range_between_bounds_of_bars_holds_what_opens_in_it(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from={LAST_S - 4 * HOUR_S + 1}&to={LAST_S + 1}")).json

    assert body["t"] == [LAST_S - n * HOUR_S for n in (3, 2, 1, 0)]


async def test_a_wide_range_gives_the_bars_nearest_to_its_end(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from=0&to={LAST_S}")).json

    assert (len(body["t"]), body["t"][-1]) == (1000, LAST_S - HOUR_S)


async def test_after_the_last_bar_there_is_no_data_and_it_is_pointed_at(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from={NOW_S + HOUR_S}&to={NOW_S + 9 * HOUR_S}")).json

    del body["meta"]
    assert body == {"s": "no_data", "nextTime": LAST_S}


async def test_a_hole_in_the_data_is_no_data_and_the_bar_before_it_is_pointed_at() -> None:
    # Binance gives the newest bars up to the end of a range, wherever they are
    before = LAST_S - 100 * HOUR_S
    upstream = {TICKERS: [ticker("BTCUSDT", 100.0)], BARS: [bar(before * 1000, 100.0)]}
    async with House(upstream=canned(upstream)) as house:
        target = f"{HISTORY}&from={LAST_S - 9 * HOUR_S}&to={LAST_S - 5 * HOUR_S}"
        body = (await house.get(target)).json

    assert (body["s"], body["nextTime"]) == ("no_data", before)


@pytest.mark.parametrize("span", ["from=0&to=1000", "from=-99999&to=5", "from=1000&to=1262304000"])
async def test_before_all_trading_there_is_no_data_and_nothing_before_it(
    house: House, span: str
) -> None:
    answer = await house.get(f"{HISTORY}&{span}")

    assert answer.status == 200
    assert answer.json["s"] == "no_data"
    assert "nextTime" not in answer.json


async def test_before_a_coin_was_listed_a_count_back_finds_no_data(house: House) -> None:
    answer = await house.get(history("BTCUSDT", "1D", 1_300_000_000, countback=300))

    assert (answer.status, answer.json["s"]) == (200, "no_data")
