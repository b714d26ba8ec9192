"""POST /api/ai/decision."""

import pytest

from functions.ai_decision import LEAST_R
from tests.house import House

PATH = "/api/ai/decision"
READ = {"decision", "confidence", "summary", "reason", "signals", "risks", "targets", "analysis"}


@pytest.mark.parametrize(
    "asked",
    [
        {"symbol": "BTC", "horizon": 24, "risk_tolerance": "medium", "context": "a note"},
        {"symbol": "BTC", "horizon": "short", "risk_tolerance": "LOW", "context": {"a": 1}},
        {"symbol": "BTCUSDT", "timeframe": "4h"},
        {"symbol": "BTC"},
    ],
)
async def test_what_front_ends_send_gets_what_they_read(house: House, asked: object) -> None:
    answer = await house.post(PATH, asked)

    body = answer.json
    assert answer.status == 200
    assert set(body) >= READ
    assert body["decision"] in {"BUY", "SELL", "HOLD"}
    assert set(body["targets"]) >= {"support", "resistance", "target"}
    assert 0 <= body["analysis"]["technical_score"] <= 100
    assert body["risks"]


@pytest.mark.parametrize(
    ("asked", "timeframe"),
    [({"horizon": "long"}, "1d"), ({"horizon": "swing"}, "4h"), ({"timeframe": "1d"}, "1d")],
)
async def test_a_horizon_in_words_chooses_the_bars(
    house: House, asked: dict[str, str], timeframe: str
) -> None:
    assert (await house.post(PATH, {"symbol": "BTC", **asked})).json["timeframe"] == timeframe


@pytest.mark.parametrize("said", [12, 12.0, "12", " 12 "])
async def test_a_horizon_in_bars_may_be_a_text(house: House, said: object) -> None:
    assert (await house.post(PATH, {"symbol": "BTC", "horizon": said})).json["horizon"] == 12


@pytest.mark.parametrize("said", ["soonish", 0, 169, "169", "9" * 30, 1.5, True, [], ""])
async def test_a_horizon_that_means_nothing_is_refused(house: House, said: object) -> None:
    answer = await house.post(PATH, {"symbol": "BTC", "horizon": said})

    [refused] = answer.error["details"]["fields"]
    assert (answer.status, refused["field"]) == (400, "horizon")
    assert "from 1 to 168" in refused["accepted"]


@pytest.mark.parametrize("tolerance", list(LEAST_R))
@pytest.mark.parametrize("symbol", ["BTC", "XMR", "ETH", "SOL", "DOGE"])
async def test_a_trade_needs_the_gain_that_the_risk_tolerance_asks_for(
    house: House, symbol: str, tolerance: str
) -> None:
    body = (await house.post(PATH, {"symbol": symbol, "risk_tolerance": tolerance})).json

    traded = body["decision"] != "HOLD"
    assert traded == (body["analysis"]["expected_r_net"] > LEAST_R[tolerance])


async def test_the_confidence_is_that_of_the_signal(house: House) -> None:
    decision = (await house.post(PATH, {"symbol": "BTC"})).json
    [signal] = (await house.get("/api/ai/signals?symbol=BTC")).json["signals"]

    assert decision["confidence"] == signal["confidence"]
    assert decision["targets"]["target"] == signal["target_price"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Conservative", "low"),
        ("moderate", "medium"),
        ("balanced", "medium"),
        ("aggressive", "high"),
    ],
)
async def test_a_risk_tolerance_may_be_named_as_brokers_do(
    house: House, word: str, meant: str
) -> None:
    told, plain = [
        (await house.post(PATH, {"symbol": "DOGE", "risk_tolerance": said})).json
        for said in (word, meant)
    ]

    assert (told["decision"], told["reason"]) == (plain["decision"], plain["reason"])


async def test_a_nonsensical_risk_tolerance_is_refused(house: House) -> None:
    answer = await house.post(PATH, {"symbol": "BTC", "risk_tolerance": "mad"})

    assert (answer.status, answer.error["code"]) == (400, "INVALID_PARAMETER")
    assert answer.error["message"].startswith("'risk_tolerance' must be low, medium or high")
