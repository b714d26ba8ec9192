"""Answers by question, bounded, whatever is asked in whichever order."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.highway.drawers import Drawers
from lib.sourced import Sourced

MOST_ENTRIES, MOST_ROWS = 6, 40
PUTS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz123"), st.integers(0, 30)))


def listing(rows: int) -> Sourced[dict[int, int]]:
    """An answer that lists so much."""
    return Sourced(dict.fromkeys(range(rows), 0), "alpha", (), 0, 0)


@given(puts=PUTS)
@settings(max_examples=60)
def test_it_never_holds_more_than_it_may(puts: Sequence[tuple[str, str, int]]) -> None:
    drawers = Drawers(MOST_ENTRIES, MOST_ROWS)
    for feed, key, rows in puts:
        drawers.put(feed, key, listing(rows))
    kept = [drawers.get(feed, key) for feed in "ab" for key in "xyz123"]
    held = [one for one in kept if one]

    assert len(drawers) == len(held) <= MOST_ENTRIES
    assert sum(1 + len(one.value) for one in held) <= MOST_ROWS


@given(puts=PUTS, last=st.integers(0, 30))
@settings(max_examples=60)
def test_the_last_answer_of_the_one_feed_that_is_asked_is_always_there(
    puts: Sequence[tuple[str, str, int]], last: int
) -> None:
    drawers = Drawers(MOST_ENTRIES, MOST_ROWS)
    for _, key, rows in puts:
        drawers.put("a", key, listing(rows))
    drawers.put("a", "last", listing(last))

    assert drawers.get("a", "last") == listing(last)


def test_what_is_larger_than_all_drawers_is_not_kept_and_takes_nothing_along() -> None:
    drawers = Drawers(MOST_ENTRIES, MOST_ROWS)
    drawers.put("a", "x", listing(3))
    drawers.put("b", "x", listing(100))

    assert (drawers.get("a", "x"), drawers.get("b", "x")) == (listing(3), None)
