"""The request's sample, written out and repaired until it runs: FastAPI, Redis, JSONResponse.

What had to be mended: aioredis does not import on Python 3.11 (redis.asyncio has taken it in), a
dictionary cannot be a Redis value, and a cached body is JSON already (returned as it is, it would
be a JSON string). It runs in an environment of its own, with the versions that the request pins.
"""

# ruff: noqa: ARG001 - FastAPI reads the parameters

import json
import os
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

import redis.asyncio as redis
from fastapi import FastAPI, Query
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

Handler = Callable[..., Awaitable[Any]]

BODIES = {
    name: Path(path).read_text() for name, path in json.loads(os.environ["BENCH_BODIES"]).items()
}

app = FastAPI(title="sample")
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
store = redis.from_url(os.environ["BENCH_REDIS"])


class CacheManager:
    """The sample's decorator: the answer is decoded at every hit, and FastAPI encodes it anew."""

    def cached(self, ttl: int, key_prefix: str) -> Callable[[Handler], Handler]:
        def decorator(func: Handler) -> Handler:
            @wraps(func)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                cache_key = f"{key_prefix}:{func.__name__}:{args}:{kwargs}"
                cached_data = await store.get(cache_key)
                if cached_data:
                    return json.loads(cached_data)
                result = await func(*args, **kwargs)
                await store.setex(cache_key, ttl, json.dumps(result))
                return result

            return wrapper

        return decorator


cache = CacheManager()


@app.get("/api/market")
async def market(
    limit: int = Query(100, ge=1, le=500),
    sort: str | None = Query("rank"),
    currency: str = Query("usd"),
) -> JSONResponse:
    """As the sample has it: its own look into Redis, and a JSONResponse."""
    cache_key = f"market:{limit}:{sort}:{currency}"
    cached = await store.get(cache_key)
    if cached:
        return JSONResponse(content=json.loads(cached))
    data = fetched("market")
    await store.setex(cache_key, 60, json.dumps(data))
    return JSONResponse(content=data)


@app.get("/api/price/{symbol}")
@cache.cached(ttl=60, key_prefix="price")
async def price(symbol: str) -> Any:
    """As the sample's usage of its CacheManager shows."""
    return fetched("price")


@app.get("/api/ohlcv")
@cache.cached(ttl=60, key_prefix="ohlcv")
async def ohlcv(symbol: str, timeframe: str, limit: int = Query(100, ge=1, le=1000)) -> Any:
    """As the sample's usage of its CacheManager shows."""
    return fetched("ohlcv")


def fetched(name: str) -> Any:
    """In the place of the upstream."""
    return json.loads(BODIES[name])
