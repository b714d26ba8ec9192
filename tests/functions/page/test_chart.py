"""The chart: which candles are shown, chosen by keyboard, drawn with the library or plainly."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser import complaints
from tests.functions.page.reader import Reader


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
