"""The chart: which candles are shown, chosen by keyboard, drawn with the library or plainly."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser import complaints
from tests.functions.page.reader import Reader

CANDLE_PIXELS = """
let count = 0;
for (const canvas of document.querySelectorAll("#chart canvas")) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4)
    count += data[i] === 10 && data[i + 1] === 122 && data[i + 2] === 83;
}
return count;
"""
"""How many pixels have the colour of a candle that rose."""
AXIS_ROWS = """
const axis = [...document.querySelectorAll("#chart td:last-child canvas")][0];
const { data } = axis.getContext("2d").getImageData(0, 0, axis.width, axis.height);
const rows = new Set();
for (let i = 0; i < data.length; i += 4) {
  const [red, green, blue, seen] = data.slice(i, i + 4);
  const grey = seen > 200 && red < 130 && blue < 150 && Math.abs(red - green) < 20;
  if (grey) rows.add(Math.floor(i / 4 / axis.width / 16));
}
return rows.size;
"""
"""How many strips of the price axis have something in the grey of its figures."""


def test_a_timeframe_is_chosen_by_keyboard_and_redraws_the_chart(reader: Reader) -> None:
    reader.open()
    reader.wait_for_chart("BTC 1h")
    before, figures = _picture(reader), reader.text("#legend")

    reader.button("4h").send_keys(Keys.SPACE)

    reader.wait_for_chart("BTC 4h")
    assert _picture(reader) != before
    assert reader.text("#legend").startswith("O ")
    assert reader.text("#legend") != figures
    assert complaints(reader.browser) == []


def test_the_first_stop_of_the_keyboard_leads_to_the_chart(reader: Reader) -> None:
    reader.open()

    reader.browser.switch_to.active_element.send_keys(Keys.TAB)
    first = reader.browser.switch_to.active_element
    told, seen = first.text, first.is_displayed()
    first.send_keys(Keys.ENTER)

    assert (told, seen) == ("Skip to the chart", True)
    assert reader.browser.switch_to.active_element.get_attribute("id") == "chart-panel"


def test_a_coin_is_searched_and_charted_by_keyboard(reader: Reader) -> None:
    reader.open()
    reader.wait_for_chart("BTC 1h")
    reader.wait(lambda: _suggests_ether(reader))

    reader.browser.find_element(By.ID, "symbol").send_keys(Keys.ENTER)

    reader.wait_for_chart("ETH 1h")
    assert reader.text("#chart-title") == "ETH/USDT"
    assert len(reader.all("#rows tr[data-symbol=ETH][aria-current]")) == 1


def test_what_is_charted_stands_in_the_address_and_comes_back_from_it(reader: Reader) -> None:
    reader.open("/#ETH/4h")
    reader.wait_for_chart("ETH 4h")
    pressed = [button.text for button in reader.all("#timeframes [aria-pressed=true]")]

    reader.button("1d").click()
    reader.wait_for_chart("ETH 1d")

    assert pressed == ["4h"]
    assert reader.run("return location.hash") == "#ETH/1d"


def test_an_address_that_names_no_chart_shows_the_first(reader: Reader) -> None:
    reader.open("/#<b>/9y")

    reader.wait_for_chart("BTC 1h")


def test_a_finger_that_goes_over_the_chart_scrolls_the_page(reader: Reader) -> None:
    reader.resize(375, 812)
    reader.open()
    reader.wait_for_chart("BTC 1h")

    touch = "Input.dispatchTouchEvent"
    for kind, y in (("touchStart", 500), *(("touchMove", 500 - i * 10) for i in range(1, 20))):
        points = [{"x": 100, "y": y}]
        reader.browser.execute_cdp_cmd(touch, {"type": kind, "touchPoints": points})
    reader.browser.execute_cdp_cmd(touch, {"type": "touchEnd", "touchPoints": []})

    reader.wait(lambda: reader.run("return scrollY") > 0)


def test_the_axis_has_figures_for_a_coin_that_costs_next_to_nothing(reader: Reader) -> None:
    reader.open("/#SHIB/1h")
    reader.wait_for_chart("SHIB 1h")

    reader.wait(lambda: reader.run(AXIS_ROWS) > 3)


def test_a_coin_that_nobody_lists_leaves_nothing_of_the_one_before(reader: Reader) -> None:
    reader.open()
    reader.wait_for_chart("BTC 1h")
    reader.wait(lambda: reader.run(CANDLE_PIXELS) > 0 and reader.all("#forecast .facts"))

    reader.search("NOSUCH").send_keys(Keys.ENTER)

    reader.wait(lambda: "NOSUCH/USDT is not supported" in reader.text("#chart-none"))
    reader.wait(lambda: reader.run(CANDLE_PIXELS) == 0)
    assert reader.text("#chart-title") == "NOSUCH"
    assert reader.text("#chart-price") == "\N{EN DASH}"
    assert reader.text("#forecast .body") == "No forecast without candles."


def test_candles_that_cannot_be_renewed_stay_and_say_so(reader: Reader) -> None:
    reader.open()
    reader.wait_for_chart("BTC 1h")

    with reader.without("*/api/ohlcv*"):
        reader.run("document.dispatchEvent(new Event('visibilitychange'))")  # all is asked again
        reader.wait(lambda: reader.all("#chart-state.stale"))

    assert "binance" in reader.text("#chart-state")
    assert "Not renewed: the service does not answer." in reader.text("#chart-state")
    assert reader.run("return document.getElementById('chart').dataset.shown") == "BTC 1h"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (123_456.0, "123,456.00"),
        (104.15, "104.15"),
        (11.702, "11.702"),
        (1.0005, "1.0005"),
        (0.4819, "0.4819"),
        (0.00000812, "0.00000812"),
        (None, "\N{EN DASH}"),
    ],
)
def test_a_price_has_the_figures_that_a_tick_changes(
    reader: Reader, value: float | None, shown: str
) -> None:
    reader.browser.get(f"{reader.root}/static/words.js")

    said = reader.browser.execute_async_script(
        "const [value, done] = arguments;"
        "import(location.href).then((words) => done(words.price(value)))",
        value,
    )

    assert said == shown


def test_without_the_chart_library_candles_are_drawn_plainly(reader: Reader) -> None:
    with reader.without("*lightweight-charts*"):
        reader.open()
        reader.wait_for_chart("BTC 1h")

        assert len(reader.all("#chart svg.plain .bar")) == 70
        reader.wait(lambda: reader.all("#chart svg.plain .fan"))


def _picture(reader: Reader) -> str:
    return str(reader.browser.find_element(By.ID, "chart").screenshot_as_base64)


def _suggests_ether(reader: Reader) -> bool:
    reader.search("ethe")
    return bool(reader.all("#suggestions li[aria-selected=true][data-symbol=ETH]"))
