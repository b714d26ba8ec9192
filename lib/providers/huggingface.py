"""A model of the user's choice at Hugging Face: https://huggingface.co/docs/inference-endpoints

Opt-in: each feed is served only where its address is set beside HF_TOKEN. Whatever goes wrong is a
`SourceError`, so that the embedded model answers; after a failure an address is not asked for 30 s,
so that an endpoint that wakes up costs one slow request and not all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx

from lib.clock import Clock
from lib.errors import (
    NoKey,
    QuotaSpent,
    SourceError,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
)
from lib.feeds import FORECASTS, SENTIMENT
from lib.news import Verdict, Verdicts
from lib.outlook import Forecast
from lib.providers.base import Budget, Provider, serves, whole_seconds
from lib.queries import ForecastQuery, TextsQuery
from lib.store import Store
from lib.wire.hf import parse_forecast, parse_labels, wire_history
from lib.wire.hf_rest import COLD, REST_S, Rest
from lib.wire.hf_spend import Spend, is_metered
from lib.wire.typed import wire_decoder

BUDGET_S: Final = 1.2
AT_ONCE: Final = 8
LONGEST_TEXT: Final = 1000
"""Characters sent of a text: what the usual 512 tokens hold at least half of the time."""

T = TypeVar("T")

_decode = wire_decoder(Any)


class HuggingFace(Provider):
    """Sentiment and forecasts by an Inference Endpoint; sentiment by the shared router as well."""

    name = "huggingface"
    base_url = ""
    key_variable = "HF_TOKEN"
    needs_key = True
    largest_body = 4 * 1024 * 1024
    attribution = "Hugging Face"
    terms = "https://huggingface.co/terms-of-service"

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        base_url: str | None = None,  # noqa: ARG002 - every provider is made alike
        key: str | None = None,
    ) -> None:
        super().__init__(client, clock, None, key)  # each feed has an address of its own
        self._urls: dict[str, str | None] = {}
        self._rests: dict[str, Rest] = {}
        self._spend = Spend(clock, 0.0)
        self._store: Store | None = None

    def aim(
        self,
        *,
        sentiment_url: str | None,
        forecast_url: str | None,
        monthly_usd: float,
        store: Store | None = None,
    ) -> None:
        """Say where the models are, what a month of the shared router may cost, and where several
        processes share what they learn of both."""
        self._urls = {SENTIMENT.name: sentiment_url, FORECASTS.name: forecast_url}
        self._spend = Spend(self._clock, monthly_usd, store)
        self._store = store

    @property
    def budget(self) -> Budget | None:
        """What the month may cost and has cost; `None` where no request costs."""
        urls = [url for url in self._urls.values() if url]
        if not any(map(is_metered, urls)):
            return None
        return Budget(self._spend.cap_usd, self._spend.usd)

    def headers(self) -> dict[str, str]:
        """The token; nothing that asks the proxy to hold a request until the endpoint is awake."""
        return {"Authorization": f"Bearer {self._key}"}

    @serves(SENTIMENT)
    async def judged(self, query: TextsQuery) -> Verdicts:
        """One verdict a text, labels read by name. An endpoint gets all texts in one request; the
        router documents one text a request."""
        url = await self._url(SENTIMENT.name, "HF_SENTIMENT_URL")
        texts = [text[:LONGEST_TEXT] for text in query.texts]
        options = {"top_k": 3, "function_to_apply": "softmax"}
        batches = [[text] for text in texts] if is_metered(url) else [texts]
        room = asyncio.Semaphore(AT_ONCE)

        async def ask(batch: list[str]) -> list[Verdict]:
            async with room:
                inputs = batch[0] if is_metered(url) else batch
                body = await self._post(url, {"inputs": inputs, "parameters": options})
                return parse_labels(body, len(batch))

        async def ask_all() -> list[list[Verdict]]:
            return list(await asyncio.gather(*map(ask, batches)))

        found = await self._within_budget(SENTIMENT.name, url, ask_all)
        rows = tuple(verdict for rows in found for verdict in rows)
        return Verdicts(rows, f"huggingface:{_model_of(url)}", self._clock.now_ms())

    @serves(FORECASTS)
    async def forecasts(self, query: ForecastQuery) -> Forecast:
        """What an endpoint with `adapters/hf_endpoint.py` expects; its quantiles are sorted and
        checked, and no probability of a rise is read from them."""
        url = await self._url(FORECASTS.name, "HF_FORECAST_URL")

        async def ask() -> Forecast:
            body = await self._post(url, wire_history(query))
            return parse_forecast(body, query)

        return await self._within_budget(FORECASTS.name, url, ask)

    async def _url(self, feed: str, variable: str) -> str:
        url = self._urls.get(feed)
        if not url:
            raise NoKey(f"set {variable}")
        if is_metered(url) and not await self._spend.affords():
            raise QuotaSpent("HF_MONTHLY_USD is spent")
        return url

    async def _within_budget(self, feed: str, url: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask within 1.2 s unless the last failure is younger than 30 s.

        Raises:
            CircuitOpen: it is, or the request that shall tell is still under way.
            SourceError: why there is no answer.
        """
        # an address may hold a password: processes recognise it by its digest
        name = f"{feed}:{sha256(url.encode()).hexdigest()[:16]}"
        rest = self._rests.setdefault(name, Rest(self._clock, self._store, name))
        await rest.enter()
        try:
            async with asyncio.timeout(BUDGET_S):
                found = await ask()
        except TimeoutError as error:
            await rest.leave("timeout")
            raise SourceTimeout(f"{self.name}: no answer in {BUDGET_S} s") from error
        except SourceError as error:
            await rest.leave(str(error))
            raise
        except BaseException:  # cancelled, or a fault of ours: it told nothing of the endpoint
            await rest.leave(None, told=False)
            raise
        await rest.leave(None)
        return found

    async def _post(self, url: str, question: object) -> Any:
        began = self._clock.monotonic()
        try:
            payload = await self.post(url, question)  # `base_url` is empty: the address is whole
        finally:
            if is_metered(url):
                await self._spend.add(self._clock.monotonic() - began)
        return _decode(payload.body)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> NoReturn:  # noqa: ARG002
        """By status. An endpoint's own fault arrives as 400, a refused token as 401 or 403: neither
        is a word about the text or about this country, so both count as a failure."""
        if status == 429:
            stated = whole_seconds(headers.get("retry-after", ""))
            wait_s = REST_S if stated is None else float(min(stated, 3600))
            raise SourceThrottled(f"{self.name}: 429", max(REST_S, wait_s))
        if status == 402:
            raise QuotaSpent(f"{self.name}: 402, no credit left")
        if status == 503:
            raise EndpointCold(f"{self.name}: 503 {COLD}")
        # nothing of the body: whoever repeats what was asked repeats the token, too
        raise SourceUnavailable(f"{self.name}: {status}")


class EndpointCold(SourceUnavailable):
    """Scaled to zero, and waking up by now."""

    outcome = COLD


def _model_of(url: str) -> str:
    """The model in a router's address, else that it is somebody's endpoint."""
    _, _, model = urlsplit(url).path.partition("/models/")
    return model.strip("/") or "endpoint"
