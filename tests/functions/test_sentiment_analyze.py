"""Behaviour of POST /api/sentiment/analyze and its other paths."""

import json
from typing import Any

import httpx
import pytest
from msgspec import UNSET

from adapters.asgi import create_app
from functions import sentiment_analyze as analyze
from functions.sentiment_analyze import AnalyzeReply, AnalyzeRequest
from lib.auth import mint_key
from lib.errors import InvalidParameter, Unauthorized
from lib.wording.judge import MODEL, embedded_judge
from tests.functions.press import newsroom

pytestmark = pytest.mark.anyio

GOOD, BAD, DULL = "Bitcoin soars", "Exchange hacked", "A meeting takes place"


async def ask(**wanted: Any) -> AnalyzeReply:
    """The reply to a caller without a key."""
    runtime = newsroom({})
    try:
        return await analyze.sentiment_analyze(AnalyzeRequest(**wanted), runtime.context())
    finally:
        await runtime.aclose()


@pytest.mark.parametrize(
    ("text", "label", "word"),
    [(GOOD, "positive", "Bullish"), (BAD, "negative", "Bearish"), (DULL, "neutral", "Neutral")],
)
async def test_a_text_is_judged_in_the_words_of_traders(text: str, label: str, word: str) -> None:
    reply = await ask(text=text, mode="crypto", symbol="BTC")

    assert (reply.label, reply.sentiment, reply.model) == (label, word, MODEL)
    verdict = embedded_judge().judge(text)
    assert (reply.score, reply.confidence) == (verdict.score, verdict.confidence)
    assert reply.results is UNSET


async def test_several_texts_are_judged_in_order() -> None:
    reply = await ask(texts=[GOOD, BAD, DULL])

    assert isinstance(reply.results, list)
    assert [row.label for row in reply.results] == ["positive", "negative", "neutral"]
    assert reply.label is UNSET


@pytest.mark.parametrize("wanted", [{}, {"text": GOOD, "texts": [BAD]}])
async def test_neither_or_both_are_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        await ask(**wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 5001},
        {"text": 7},
        {"texts": []},
        {"texts": ["x"] * 33},
        {"texts": ["x", ""]},
        {"texts": "x"},
    ],
)
def test_what_is_no_text_or_too_much_is_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="text"):
        AnalyzeRequest(**wanted)


async def test_nine_texts_need_a_key() -> None:
    assert len((await ask(texts=[DULL] * 8)).results) == 8  # type: ignore[arg-type]
    with pytest.raises(Unauthorized):
        await ask(texts=[DULL] * 9)


@pytest.mark.parametrize(
    "path", ["/api/sentiment/analyze", "/api/service/sentiment", "/api/sentiment"]
)
async def test_with_a_key_32_texts_are_judged_on_every_path(path: str) -> None:
    key, digest = mint_key()
    runtime = newsroom({}, API_KEYS=f"tester:{digest}")
    app = create_app(analyze.endpoints, runtime)
    body = {"texts": [GOOD] * 32}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        refused = await client.post(path, json=body)
        unknown = await client.post(path, json=body, headers={"Authorization": "Bearer wrong"})
        judged = await client.post(path, json=body, headers={"Authorization": f"Bearer {key}"})
    await runtime.aclose()

    assert (refused.status_code, unknown.status_code, judged.status_code) == (401, 401, 200)
    assert refused.json()["error"]["code"] == "UNAUTHORIZED"
    assert [row["label"] for row in json.loads(judged.content)["results"]] == ["positive"] * 32
