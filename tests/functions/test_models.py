"""GET /api/models/list, /status, /health, /summary."""

import json

import pytest

from functions.models import FOLDER
from tests.house import House


async def test_every_time_frame_has_its_model_with_the_figures_of_its_card(house: House) -> None:
    models = (await house.get("/api/models/list")).json["models"]

    for timeframe in ("1h", "4h", "1d"):
        card = json.loads((FOLDER / f"price_{timeframe}.json").read_text())
        [told] = [model for model in models if model["timeframe"] == timeframe]
        wanted = {
            (data, int(horizon), row["n"], row["crps_ratio"], row["coverage_80"])
            for data, evaluation in card["evaluations"].items()
            for horizon, row in evaluation["forecast"].items()
        }
        assert told["trained_to"] == card["trained_to"]
        assert {
            (f["data"], f["horizon"], f["n"], f["crps_ratio"], f["coverage_80"])
            for f in told["figures"]
        } == wanted


@pytest.mark.parametrize("name", ["status", "health"])
async def test_each_model_is_healthy_or_said_not_to_be(house: House, name: str) -> None:
    body = (await house.get(f"/api/models/{name}")).json

    healthy = [state for state in body["models"].values() if state == "healthy"]
    assert len(healthy) == body["models_loaded"] >= 3
    assert (body["status"] == "healthy") == (body["models_failed"] == 0)


async def test_the_summary_is_the_list(house: House) -> None:
    summary, listed = [(await house.get(f"/api/models/{n}")).json for n in ("summary", "list")]

    assert summary["models"] == listed["models"]
    assert summary["count"] == len(listed["models"])


async def test_probabilities_and_tones_have_the_figures_of_their_cards(house: House) -> None:
    models = (await house.get("/api/models/list")).json["models"]
    told = {model["id"]: model for model in models}
    hourly = json.loads((FOLDER / "price_1h.json").read_text())["evaluations"]["perp_1h"]
    tone = json.loads((FOLDER / "sentiment_v1.json").read_text())["evaluations"]

    [direction] = [
        chance
        for chance in told["ensemble_v3:1h"]["chances"]
        if (chance["of"], chance["horizon"]) == ("direction", 1)
    ]
    assert direction["hit_rate_interval"] == hourly["direction"]["1"]["hit_rate_interval"]
    assert direction["reliability"] == hourly["direction"]["1"]["reliability"]
    assert (direction["start"], direction["end"]) == (hourly["from"], hourly["to"])
    figures = [(f["data"], f["n"], f["macro_f1"], f["ece"]) for f in told["sentiment_v1"]["tones"]]
    assert figures == [(name, row["n"], row["macro_f1"], row["ece"]) for name, row in tone.items()]
    assert told["sentiment_v1"]["trained_to"] == "2022-01-25"
