"""What Hugging Face's router may cost in a month."""

import httpx
import pytest

from lib.errors import SourceError
from lib.providers.base import Budget
from lib.wire.hf_spend import Spend, is_metered
from tests.conftest import StillClock
from tests.lib.providers.huggingface.endpoint import READ_UP, TEXTS, UP, remote

pytestmark = pytest.mark.anyio


async def test_a_budget_is_told_where_requests_cost() -> None:
    url = "https://router.huggingface.co/hf-inference/models/some/model"
    async with httpx.AsyncClient() as client:
        metered = remote(client, StillClock(), url)
        dedicated = remote(client, StillClock(), "https://abc.endpoints.huggingface.cloud")

    assert metered.budget == Budget(0.1, 0.0)
    assert dedicated.budget is None


async def test_the_router_is_asked_text_by_text_until_the_month_is_spent() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content.decode())
        return httpx.Response(200, json=[UP])

    url = "https://router.huggingface.co/hf-inference/models/some/model"
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        found = await remote(client, StillClock(), url).judged(TEXTS)
        spent = remote(client, StillClock(), url, monthly_usd=0)
        with pytest.raises(SourceError, match="HF_MONTHLY_USD"):
            await spent.judged(TEXTS)

    assert found.model == "huggingface:some/model"
    assert found.rows == (READ_UP, READ_UP)
    assert len(asked) == 2
    assert all('"inputs":"' in question for question in asked)


async def test_a_new_month_has_its_own_cap() -> None:
    clock = StillClock()
    spend = Spend(clock, 0.1)

    await spend.add(900)  # seconds, at 0.00012 dollars
    assert not await spend.affords()
    clock.advance(31 * 86400)
    assert await spend.affords()


async def test_only_the_router_is_metered() -> None:
    assert is_metered("https://router.huggingface.co/hf-inference/models/a/b")
    assert not is_metered("https://abc.endpoints.huggingface.cloud")
