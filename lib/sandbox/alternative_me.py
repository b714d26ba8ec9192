"""alternative.me's Fear & Greed index. https://alternative.me/crypto/fear-and-greed-index/"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.mood import mood, mood_word
from lib.sandbox.world import FIRST_S, Row, World, reply

_DAY_S: Final = 86_400


def routes(world: World) -> list[Route]:
    """Its one path."""

    async def index(request: Request) -> Response:
        stated = request.query_params.get("limit", "1")
        if not stated.isdecimal():
            return _answer([], "Invalid limit")
        return _answer(_days(world, int(stated)))

    return [Route("/fng/", index)]


def _days(world: World, limit: int) -> list[Row]:
    now_s = world.now_s()
    midnight = now_s - now_s % _DAY_S
    oldest = FIRST_S + 31 * _DAY_S
    count = min(limit or 3000, (midnight - oldest) // _DAY_S)
    rows: list[Row] = []
    for day in range(midnight, midnight - count * _DAY_S, -_DAY_S):
        value = mood(world, day)
        rows.append(
            {"value": str(value), "value_classification": mood_word(value), "timestamp": str(day)}
        )
    if rows:
        rows[0]["time_until_update"] = str(midnight + _DAY_S - now_s)
    return rows


def _answer(rows: list[Row], error: str | None = None) -> Response:
    return reply({"name": "Fear and Greed Index", "data": rows, "metadata": {"error": error}})
