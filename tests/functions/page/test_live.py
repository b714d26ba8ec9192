"""Prices on the page as they happen: by socket, else as events, else asked for again and again."""

import json
import re

from selenium.webdriver.common.keys import Keys

from tests.browser import requests_made
from tests.functions.page.reader import Reader

NO_SOCKET = "window.WebSocket = class { constructor() { throw new Error('blocked') } };"
NO_EVENTS = "window.EventSource = class { constructor() { setTimeout(() => this.onerror?.()) }"
NO_EVENTS += " get readyState() { return 2 } addEventListener() {} close() {} };"
WATCHED_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  said = [];
  constructor(url) { super(url); window.sockets.push(this); }
  send(text) { this.said.push(text); super.send(text); }
};
"""

AN_OLD_TABLE = """
const really = window.fetch;
window.old = false;
window.fetch = async (url, options) => {
  const reply = await really(url, options);
  if (!window.old || !String(url).includes("api/market?limit=20")) return reply;
  const told = await reply.json();
  told.meta.as_of -= 60000;
  for (const item of told.items) Object.assign(item, { price: 1, market_cap: 1 });
  return Response.json(told);
};
"""


def test_prices_in_the_table_change_over_the_socket(reader: Reader) -> None:
    reader.open()
    reader.wait_for_way("socket")

    reader.wait_for_another_price()


def test_a_price_says_who_told_it_and_how_long_ago(reader: Reader) -> None:
    reader.open()
    reader.wait_for_way("socket")

    reader.wait(lambda: re.fullmatch(r"binance · \d s ago", reader.text("#chart-from")))


def test_a_table_older_than_a_price_that_was_told_meanwhile_leaves_it(reader: Reader) -> None:
    with reader.before(AN_OLD_TABLE):
        reader.open()
        reader.wait_for_way("socket")
        reader.wait_for_another_price()

        reader.run("window.old = true; document.dispatchEvent(new Event('visibilitychange'))")
        reader.wait(lambda: "$1.00" in reader.text("#rows tr[data-symbol=BTC]"))

        assert len(reader.text("#rows tr[data-symbol=BTC] .price")) > len("1.0000")


def test_what_is_no_longer_charted_is_no_longer_followed(reader: Reader) -> None:
    with reader.before(WATCHED_SOCKETS):
        reader.open()
        reader.wait_for_way("socket")
        reader.wait_for_chart("BTC 1h")
        told = "return window.sockets.at(-1).said.filter((one) => one.includes('ATOM'))"

        reader.search("ATOM").send_keys(Keys.ENTER)
        reader.wait_for_chart("ATOM 1h")
        reader.search("BTC").send_keys(Keys.ENTER)
        reader.wait_for_chart("BTC 1h")

        reader.wait(lambda: len(reader.run(told)) == 2)
        actions = [json.loads(message)["action"] for message in reader.run(told)]
        assert actions == ["subscribe", "unsubscribe"]


def test_a_cut_socket_comes_back(reader: Reader) -> None:
    with reader.before(WATCHED_SOCKETS):
        reader.open()
        reader.wait_for_way("socket")
        reader.run("window.sockets.at(-1).close()")
        reader.wait(lambda: reader.run("return window.sockets.length") == 2)

        reader.wait_for_way("socket")
        reader.wait_for_another_price()


def test_without_sockets_prices_come_as_events(reader: Reader) -> None:
    with reader.before(NO_SOCKET):
        reader.open()
        reader.wait_for_way("events")

        reader.wait_for_another_price()


def test_without_sockets_and_events_prices_are_polled(reader: Reader) -> None:
    with reader.before(NO_SOCKET, NO_EVENTS):
        reader.open()
        reader.wait_for_way("polling")

        asked = [url for url in requests_made(reader.browser) if "/api/market?" in url]
        assert asked
        assert "not available" not in reader.text("#market .age")
