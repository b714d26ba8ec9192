"""What a text is about beside coins."""

import pytest

from lib.wording.topics import find_topics


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("SEC approves spot ETF", ("regulation", "etf")),
        ("DeFi protocol loses $3M in an exploit", ("defi", "hack")),
        ("Bored Ape NFTs", ("nft",)),
        ("Non-fungible tokens", ("nft",)),
        ("A new all-time high", ("price", "ath")),
        ("Layer-2 rollups", ("layer2",)),
        ("Central bank talks", ()),
        ("", ()),
    ],
)
def test_topics_are_found_by_their_words(text: str, topics: tuple[str, ...]) -> None:
    assert set(find_topics(text)) == set(topics)


@pytest.mark.parametrize("text", ["secure section", "defined definition", "he said", "indexes"])
def test_parts_of_words_are_no_topic(text: str) -> None:
    assert find_topics(text) == ()
