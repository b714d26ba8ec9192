"""Answers ready to be sent stay within their bounds, and floods leave those in use alone."""

from adapters.pantry import ENTRY_BYTES, Cupboard, Pantry
from adapters.rendering import Rendered


def rendered(size: int) -> Rendered:
    """An answer of so many bytes."""
    return Rendered(b"x" * size, b"text/plain", b'W/"x"', [])


def test_a_target_leads_to_the_answer_of_its_question() -> None:
    pantry = Pantry(10_000)
    one = rendered(10)
    pantry.put(b"price BTC", one)
    pantry.spell(b"/api/price/BTC", b"price BTC")

    assert pantry.find(b"/api/price/BTC") is one
    assert pantry.get(b"price BTC") is one
    assert pantry.find(b"/api/price/ETH") is None


def test_a_newer_answer_is_found_under_every_spelling() -> None:
    pantry = Pantry(10_000)
    pantry.put(b"q", rendered(10))
    for target in (b"/q?a&b", b"/q?b&a"):
        pantry.spell(target, b"q")

    newer = rendered(10)
    pantry.put(b"q", newer)

    assert pantry.find(b"/q?a&b") is pantry.find(b"/q?b&a") is newer


def test_the_oldest_answers_go_first() -> None:
    pantry = Pantry(5 * (ENTRY_BYTES + 3 * 100 + 3))
    for number in range(100, 200):
        pantry.put(b"%d" % number, rendered(100))

    assert [n for n in range(100, 200) if pantry.get(b"%d" % n)] == [195, 196, 197, 198, 199]


def test_an_answer_is_counted_with_its_compressed_forms() -> None:
    pantry = Pantry(10_000)
    for number in range(10):
        pantry.put(b"%d" % number, rendered(1000))

    assert sum(pantry.get(b"%d" % number) is not None for number in range(10)) == 3


def test_an_answer_that_is_put_again_is_counted_once() -> None:
    pantry = Pantry(10_000)
    pantry.put(b"other", rendered(1000))

    for _ in range(50):
        pantry.put(b"same", rendered(1000))

    assert pantry.get(b"other") is not None


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    pantry = Pantry(10_000)
    pantry.put(b"small", rendered(100))

    pantry.put(b"large", rendered(4000))

    assert pantry.get(b"large") is None
    assert pantry._answers.bytes <= 10_000


def test_what_is_asked_for_outlives_what_nobody_repeats() -> None:
    pantry = Pantry(100_000)
    pantry.put(b"hot", rendered(1000))

    for number in range(10_000):
        pantry.put(b"%d" % number, rendered(1000))
        assert pantry.get(b"hot") is not None


def test_a_hundred_thousand_spellings_evict_nothing_and_stay_in_their_bound() -> None:
    pantry = Pantry(1_000_000, most_spelling_bytes=100_000)
    for question in (b"hot", b"quiet"):
        pantry.put(question, rendered(1000))
    pantry.spell(b"/hot", b"hot")

    for number in range(100_000):
        pantry.spell(b"/hot?junk=%d" % number, b"hot")
        if number % 100 == 0:
            assert pantry.find(b"/hot") is not None

    assert pantry.find(b"/hot") is not None
    assert pantry.get(b"quiet") is not None
    assert pantry._spellings.bytes <= 100_000


def test_when_all_are_in_use_room_is_made_all_the_same() -> None:
    kept: Cupboard[int] = Cupboard(10 * (ENTRY_BYTES + 1))
    for number in range(10):
        kept.put(b"%d" % number, number, 1)
        kept.get(b"%d" % number)

    kept.put(b"new", 1, 1)
    kept.put(b"newer", 2, 1)

    assert len(kept) <= 10
    assert kept.get(b"newer") == 2


def test_nothing_is_left_after_clearing() -> None:
    pantry = Pantry(10_000)
    pantry.put(b"q", rendered(10))
    pantry.spell(b"/q", b"q")

    pantry.clear()

    assert pantry.find(b"/q") is None
    assert (pantry._answers.bytes, pantry._spellings.bytes) == (0, 0)
