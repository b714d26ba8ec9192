"""A refusal of /udf is readable for charts, and for everybody else."""

import pytest

from tests.functions.udf.chart import HISTORY, HOUR_S, NOW_S
from tests.house import NOW_MS, House


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/udf/symbols?symbol=NOSUCH", 404, "INVALID_SYMBOL"),
        ("/udf/symbols?symbol=DREAMMAKER:NOSUCHUSDT", 404, "INVALID_SYMBOL"),
        ("/udf/symbols?symbol=%23%23%23", 400, "INVALID_PARAMETER"),
        ("/udf/history?symbol=NOSUCH&resolution=60&from=0&to=9&countback=9", 404, "INVALID_SYMBOL"),
        (HISTORY.replace("=60", "=7") + "&from=0&to=9", 400, "INVALID_PARAMETER"),
        (HISTORY + "&from=9&to=9", 400, "INVALID_PARAMETER"),
        ("/udf/quotes?symbols=,", 400, "INVALID_PARAMETER"),
        ("/udf/quotes", 400, "INVALID_PARAMETER"),
        ("/udf/symbols", 400, "INVALID_PARAMETER"),
        (HISTORY + "&from=yesterday&to=now", 400, "INVALID_PARAMETER"),
        (HISTORY + "&from=0&to=9&countback=-1", 400, "INVALID_PARAMETER"),
        ("/udf/search?query=BTC&limit=many", 400, "INVALID_PARAMETER"),
        ("/udf/marks?symbol=BTCUSDT", 404, "NOT_FOUND"),
        ("/udf", 404, "NOT_FOUND"),
        ("/udf/search?query=" + "B" * 9000, 414, "INVALID_PARAMETER"),
    ],
)
async def test_a_refusal_is_readable_for_charts_and_for_everybody_else(
    house: House, target: str, status: int, code: str
) -> None:
    answer = await house.get(target)

    body = answer.json
    assert answer.status == status
    assert (body["s"], body["errmsg"]) == ("error", body["error"]["message"])
    assert (body["success"], body["error"]["code"], body["timestamp"]) == (False, code, NOW_MS)
    assert answer.headers["content-type"] == "application/json"


async def test_another_method_is_refused_in_charts_words(house: House) -> None:
    answer = await house.post("/udf/history", {})

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json["s"] == "error"
    assert answer.json["errmsg"] == answer.json["error"]["message"]


async def test_too_many_requests_are_refused_in_charts_words() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get("/udf/config")
        answer = await house.get("/udf/config")

    assert (answer.status, answer.json["s"]) == (429, "error")
    assert answer.json["errmsg"] == answer.json["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


async def test_who_prefers_problem_documents_has_them_with_charts_words(house: House) -> None:
    answer = await house.get("/udf/symbols?symbol=NOSUCH", accept="application/problem+json")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == 404
    assert (answer.json["s"], answer.json["errmsg"]) == ("error", answer.json["detail"])


async def test_other_paths_are_refused_without_charts_words(house: House) -> None:
    for target in ("/udfs", "/api/udf/config", "/api/price/NOSUCH"):
        assert set((await house.get(target)).json) == {"success", "error", "timestamp"}


@pytest.mark.parametrize(
    "target",
    [
        "/udf/symbols?symbol=BTCUSDT",
        "/udf/search?query=BTC",
        f"{HISTORY}&from={NOW_S - HOUR_S}&to={NOW_S}",
        "/udf/quotes?symbols=BTCUSDT",
    ],
)
async def test_when_all_sources_are_down_the_chart_is_told(target: str) -> None:
    async with House() as house:
        for source in house.sandbox.state.faults.providers:
            house.sandbox.state.faults.set(source, "500")
        answer = await house.get(target)

    assert (answer.status, answer.json["s"]) == (503, "error")
    assert answer.json["error"]["code"] == "UPSTREAM_UNAVAILABLE"


async def test_a_refusal_is_not_kept(house: House) -> None:
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    await house.get("/udf/quotes?symbols=BTCUSDT")
    house.sandbox.state.faults.clear()
    house.clock.advance(60)

    assert (await house.get("/udf/quotes?symbols=BTCUSDT")).json["d"][0]["s"] == "ok"
