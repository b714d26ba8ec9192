"""Providers that misbehave on request, over a real socket."""

import json
from collections.abc import Iterator

import httpx
import pytest

from lib.sandbox import FAULTS, PROVIDERS, SandboxClock, SandboxServer, parse_faults
from lib.sandbox.faults import Faults, change_body
from tests.lib.sandbox.conftest import NOW_MS

PRICE = "/binance/api/v3/ticker/price?symbol=BTCUSDT"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(clock=SandboxClock(fixed_ms=NOW_MS)) as running:
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[httpx.Client]:
    server.faults.clear()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client


def test_a_status_may_say_when_to_come_back(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "429:7")

    response = client.get(PRICE)

    assert (response.status_code, response.headers["retry-after"]) == (429, "7")


def test_only_the_faulty_provider_misbehaves(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "451")

    assert client.get(PRICE).status_code == 451
    assert client.get("/kraken/0/public/Time").status_code == 200


def test_refuse_closes_the_connection(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "refuse")

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(PRICE)


def test_hang_does_not_answer(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "hang")

    with pytest.raises(httpx.ReadTimeout):
        client.get(PRICE, timeout=0.2)


def test_truncated_is_no_json(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "truncated")

    with pytest.raises(json.JSONDecodeError):
        client.get(PRICE).json()


def test_html_comes_with_status_200(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "html")

    response = client.get(PRICE)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


def test_shape_is_json_of_another_shape(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "shape")

    assert "price" not in client.get(PRICE).json()


@pytest.mark.parametrize(
    ("fault", "price"), [("zero", {"symbol": "BTCUSDT", "price": "0"}), ("empty", {})]
)
def test_zero_and_empty_take_the_price_away(
    server: SandboxServer, client: httpx.Client, fault: str, price: dict[str, str]
) -> None:
    server.faults.set("binance", fault)

    assert client.get(PRICE).json() == price


def test_a_fault_can_be_taken_away(server: SandboxServer, client: httpx.Client) -> None:
    server.faults.set("binance", "500")
    server.faults.set("binance", None)

    assert float(client.get(PRICE).json()["price"]) > 0


def test_zero_leaves_times_codes_and_names_alone() -> None:
    body = json.dumps(
        {"code": "200000", "data": [["1766789720", "67122", "0.5"], [1.5, 7, 1_764_000_000_000]]}
    )

    spoilt = json.loads(change_body(body.encode(), "zero"))

    assert spoilt == {
        "code": "200000",
        "data": [["1766789720", "0", "0"], [0, 0, 1_764_000_000_000]],
    }


def test_nan_is_what_careless_servers_send() -> None:
    assert change_body(b'{"price":"1.5","volume":2.5}', "nan") == b'{"price": "NaN", "volume": NaN}'


def test_faults_are_read_from_a_line() -> None:
    assert parse_faults(" binance=451, kraken=hang,") == {"binance": "451", "kraken": "hang"}
    assert parse_faults("") == {}


@pytest.mark.parametrize("line", ["binance", "binance=", "binance=700", "binance=429:x", "a=boom"])
def test_an_unknown_fault_is_refused_with_what_there_is(line: str) -> None:
    with pytest.raises(ValueError, match=r"no fault|no source=fault"):
        parse_faults(line)


def test_the_refusal_names_every_fault() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its words are the point
        parse_faults("binance=boom")

    assert all(fault in str(caught.value) for fault in FAULTS)


def test_an_unknown_source_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"binance.*kraken"):
        Faults(PROVIDERS).set("mtgox", "500")


def test_several_faults_are_set_all_or_none() -> None:
    faults = Faults(("binance", "kraken"), {"kraken": "500"})

    with pytest.raises(ValueError, match="nosuch"):
        faults.set_all({"binance": "451", "nosuch": "hang"})
    untouched = faults.all()
    faults.set_all({"binance": "451", "kraken": ""})

    assert untouched == {"kraken": "500"}
    assert faults.all() == {"binance": "451"}
