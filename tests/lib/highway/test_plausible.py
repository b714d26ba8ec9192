"""Which prices are believed: the odd one out, and the one that stands still."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.highway.plausible import Agreement, Outliers, Standstill, find_agreement
from tests.conftest import StillClock

PAIR = "BTC/USDT"


@pytest.mark.parametrize(
    ("prices", "agreed"),
    [
        ({}, None),
        ({"a": 100}, None),
        ({"a": 100, "b": 105}, Agreement(frozenset("ab"), 102.5)),
        ({"a": 100, "b": 105.1}, None),
        ({"a": 100, "b": 101, "c": 106.1}, Agreement(frozenset("ab"), 100.5)),
        ({"a": 94.9, "b": 100, "c": 101}, Agreement(frozenset("bc"), 100.5)),
        ({"a": 96, "b": 100, "c": 104}, Agreement(frozenset("abc"), 100)),
        ({"a": 100, "b": 100, "c": 120, "d": 120}, None),
        ({"a": 100, "b": 101, "c": 120, "d": 140, "e": 160}, None),
        ({"a": 100, "b": 101, "c": 102, "d": 140, "e": 160}, Agreement(frozenset("abc"), 101)),
    ],
)
def test_two_and_a_majority_within_five_percent_agree(
    prices: dict[str, float], agreed: Agreement | None
) -> None:
    assert find_agreement(prices) == agreed


@pytest.mark.parametrize(
    ("known", "sources"),
    [(None, "bc"), (2.0, "bc"), (2.4, "bc"), (10.0, "a"), (12.0, "a"), (100.0, "bc")],
)
def test_the_market_table_decides_between_two_coins_of_one_ticker(
    known: float | None, sources: str
) -> None:
    agreed = find_agreement({"a": 10.0, "b": 2.0, "c": 2.0}, known)

    assert agreed is not None
    assert agreed.sources == frozenset(sources)


@given(
    st.dictionaries(st.sampled_from("abcde"), st.floats(1e-9, 1e9), min_size=1),
    st.floats(1e-3, 1e3),
)
def test_who_agrees_does_not_depend_on_the_unit(prices: dict[str, float], unit: float) -> None:
    agreed = find_agreement(prices)
    scaled = find_agreement({source: price * unit for source, price in prices.items()})

    if agreed and scaled:
        assert scaled.median == pytest.approx(agreed.median * unit)
    if agreed:
        assert 2 * len(agreed.sources) > len(prices)
        assert min(prices.values()) <= agreed.median <= max(prices.values())


def test_a_price_that_two_others_contradict_is_odd(clock: StillClock) -> None:
    outliers = Outliers(clock)

    judged = outliers.judge(PAIR, {"a": 110, "b": 100, "c": 101})

    assert judged.odd == {"a"}
    assert [(d.source, d.pair, d.price, d.median) for d in judged.begun] == [
        ("a", PAIR, 110, 100.5)
    ]
    assert outliers.begun == {"a": 1}


def test_one_other_is_not_enough_to_begin_a_doubt(clock: StillClock) -> None:
    assert Outliers(clock).judge(PAIR, {"a": 110, "b": 100}).odd == frozenset()


def test_a_doubt_outlives_its_evidence(clock: StillClock) -> None:
    outliers = Outliers(clock)
    outliers.judge(PAIR, {"a": 110, "b": 100, "c": 101})

    clock.advance(60)

    assert outliers.judge(PAIR, {"a": 110}).odd == {"a"}
    assert outliers.judge(PAIR, {"a": 111, "b": 100}).odd == {"a"}
    assert outliers.judge("ETH/USDT", {"a": 110, "b": 100}).odd == frozenset()
    assert outliers.begun == {"a": 1}


def test_one_trusted_price_close_by_ends_a_doubt(clock: StillClock) -> None:
    outliers = Outliers(clock)
    outliers.judge(PAIR, {"a": 110, "b": 100, "c": 101})

    judged = outliers.judge(PAIR, {"a": 101, "b": 100})

    assert judged.odd == frozenset()
    assert [doubt.source for doubt in judged.ended] == ["a"]
    assert not outliers


def test_a_doubt_that_nothing_confirms_lapses_after_five_minutes(clock: StillClock) -> None:
    outliers = Outliers(clock)
    outliers.judge(PAIR, {"a": 110, "b": 100, "c": 101})

    clock.advance(299)
    assert len(outliers.doubts) == 1
    clock.advance(1)

    assert outliers.judge(PAIR, {"a": 110}).odd == frozenset()
    assert outliers.doubts == []
    assert not outliers


def test_evidence_renews_a_doubt_and_keeps_its_beginning(clock: StillClock) -> None:
    outliers = Outliers(clock)
    began_ms = clock.now_ms()
    outliers.judge(PAIR, {"a": 110, "b": 100, "c": 101})

    clock.advance(200)
    outliers.judge(PAIR, {"a": 112, "b": 100})
    clock.advance(200)

    assert [(doubt.price, doubt.since_ms) for doubt in outliers.doubts] == [(112, began_ms)]


def test_doubts_are_bounded(clock: StillClock) -> None:
    outliers = Outliers(clock)

    for number in range(1500):
        outliers.judge(f"X{number}/USDT", {"a": 110, "b": 100, "c": 101})

    assert len(outliers.doubts) == 1000


def answers(standstill: Standstill, said: str, others: str) -> list[bool]:
    """What is thought of each of a's answers, while b's price is a digit of its own."""
    return [
        standstill.is_stuck("a", "", word, {("b", PAIR): 100.0 + int(other)})
        for word, other in zip(said, others, strict=True)
    ]


@pytest.mark.parametrize(
    ("said", "others", "stuck"),
    [
        ("xxxxx", "01234", [False, False, False, True, True]),
        ("xxxxx", "00000", [False] * 5),
        ("xxxxx", "00001", [False, False, False, False, True]),
        ("xyxyx", "01234", [False] * 5),
        ("xxxxyx", "012344", [False, False, False, True, False, False]),
    ],
)
def test_who_says_the_same_four_times_while_others_move_is_stuck(
    said: str, others: str, stuck: list[bool]
) -> None:
    assert answers(Standstill(), said, others) == stuck


def test_a_stuck_source_is_one_until_it_says_something_else() -> None:
    standstill = Standstill()

    answers(standstill, "xxxx", "0123")
    assert standstill.stuck == {"a"}
    answers(standstill, "y", "4")

    assert standstill.stuck == frozenset()


def test_a_move_of_a_thousandth_is_none() -> None:
    standstill = Standstill()

    judged = [
        standstill.is_stuck("a", "", "x", {("b", PAIR): 100.0 + step / 100}) for step in range(10)
    ]

    assert judged == [False] * 10


def test_a_source_that_stands_still_about_one_pair_is_not_stuck_about_another() -> None:
    standstill = Standstill()
    for other in (100.0, 101.0, 102.0, 103.0):
        standstill.is_stuck("a", "DEAD/USDT", "x", {("b", "DEAD/USDT"): other})

    standstill.is_stuck("a", PAIR, "y", {})

    assert standstill.stuck_about(PAIR, "") == frozenset()
    assert standstill.stuck_about("DEAD/USDT", "") == {"a"}
    assert standstill.stuck == frozenset()
