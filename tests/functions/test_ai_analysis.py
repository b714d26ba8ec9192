"""GET /api/ai/analysis/{symbol}."""

import pytest

from functions.ai_analysis import endpoints
from lib.feeds import OUTLETS
from tests.house import House

PATH = "/api/ai/analysis/"

SPEC = {
    "technical": {"trend", "strength", "support_levels", "resistance_levels", "key_indicators"},
    "fundamental": {"market_cap_rank", "dominance", "on_chain_metrics"},
    "sentiment": {"overall", "score", "social_volume", "news_sentiment"},
    "prediction": {"short_term", "medium_term", "long_term", "confidence"},
}


@pytest.mark.parametrize("symbol", ["BTC", "eth-usdt", "SOL/USDT"])
async def test_every_field_of_the_spec_is_there(house: House, symbol: str) -> None:
    analysis = (await house.get(PATH + symbol)).json["analysis"]

    assert set(analysis) == set(SPEC)
    assert all(set(analysis[part]) >= fields for part, fields in SPEC.items())
    indicators = analysis["technical"]["key_indicators"]
    assert set(indicators) == {"rsi_14", "macd", "moving_averages", "volume"}
    on_chain = analysis["fundamental"]["on_chain_metrics"]
    assert set(on_chain) >= {"active_addresses", "transaction_volume", "exchange_netflow"}


async def test_what_is_null_has_its_reason(house: House) -> None:
    body = (await house.get(PATH + "SOL")).json

    def nulls(value: object, path: str) -> list[str]:
        if isinstance(value, dict):
            return [one for k, v in value.items() for one in nulls(v, f"{path}.{k}" if path else k)]
        return [path] if value is None else []

    assert set(nulls(body["analysis"], "analysis")) <= set(body["meta"]["missing"])


async def test_rank_and_dominance_are_those_of_the_market(house: House) -> None:
    told = (await house.get(PATH + "BTC")).json["analysis"]["fundamental"]
    row = (await house.get("/api/market?symbols=BTC")).json

    assert told["market_cap_rank"] == row["items"][0]["rank"]
    assert told["dominance"] == row["btc_dominance"]


async def test_the_mood_is_that_of_the_news(house: House) -> None:
    told = (await house.get(PATH + "BTC")).json["analysis"]["sentiment"]
    mood = (await house.get("/api/sentiment/symbol/BTC")).json

    assert told["score"] == mood["sentiment_score"]
    assert told["news_sentiment"] == mood["news_sentiment"]
    assert told["overall"] == mood["sentiment"]


async def test_the_short_term_is_what_predict_says_of_a_day(house: House) -> None:
    told = (await house.get(PATH + "BTC")).json["analysis"]["prediction"]
    predicted = (await house.post("/api/ai/predict", {"symbol": "BTC"})).json

    up = predicted["probability_up"]
    assert told["short_term"] == predicted["direction"]
    assert told["confidence"] == max(up, 1 - up)


async def test_without_news_chains_and_lists_the_candles_still_speak() -> None:
    down = [*OUTLETS, "coingecko", "coinmarketcap", "coinpaprika", "mempool", "blockchain_info"]
    async with House(faults=dict.fromkeys(down, "500"), endpoints=endpoints) as house:
        answer = await house.get(PATH + "BTC")

    body = answer.json
    assert answer.status == 200
    assert body["meta"]["degraded"] is True
    assert body["analysis"]["technical"]["trend"] is not None
    assert body["analysis"]["fundamental"]["market_cap_rank"] is None


async def test_an_unknown_symbol_is_a_404(house: House) -> None:
    answer = await house.get(PATH + "NOSUCHCOIN")

    assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")
