"""Prices on the page as they happen: by socket, else as events, else asked for again and again."""

from tests.browser import requests_made
from tests.functions.page.reader import Reader

NO_SOCKET = "window.WebSocket = class { constructor() { throw new Error('blocked') } };"
NO_EVENTS = "window.EventSource = class { constructor() { setTimeout(() => this.onerror?.()) }"
NO_EVENTS += " get readyState() { return 2 } addEventListener() {} close() {} };"
WATCHED_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(url) { super(url); window.sockets.push(this); }
};
"""


def test_prices_in_the_table_change_over_the_socket(reader: Reader) -> None:
    reader.open()
    reader.wait_for_way("socket")

    reader.wait_for_another_price()


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
