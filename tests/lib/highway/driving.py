"""What tests of the road share: how a highway is opened, and what is read off an answer."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.errors import SourceUnavailable
from lib.highway.road import Highway
from lib.queries import PairQuery
from lib.sourced import NoSource, Sourced
from tests.lib.fakes import BTC, SPOTS

HEDGE_S = 0.01
DOWN = SourceUnavailable("down")
Open = Callable[..., Highway]


def outcomes(found: Sourced[Any]) -> list[tuple[str, str]]:
    return [(attempt.source, attempt.outcome) for attempt in found.tried]


async def refusal(highway: Highway, query: PairQuery = BTC) -> NoSource:
    with pytest.raises(NoSource) as raised:
        await highway.fetch(SPOTS, query)
    return raised.value
