"""Behaviour of doubts about what is asked."""

from lib.highway.doubts import Doubts
from tests.conftest import StillClock


def test_five_unknown_things_within_a_minute_raise_doubts(clock: StillClock) -> None:
    doubts = Doubts(clock)
    for _ in range(4):
        doubts.note("okx")
    four = doubts.about("okx")

    doubts.note("okx")

    assert (four, doubts.about("okx"), doubts.about("kraken")) == (False, True, False)


def test_doubts_fade_after_a_minute(clock: StillClock) -> None:
    doubts = Doubts(clock)
    for _ in range(5):
        doubts.note("okx")

    clock.advance(60)

    assert not doubts.about("okx")
