"""One story once: articles that tell the same, by address or by title, become one cluster."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from math import ceil
from typing import Final, NamedTuple

from lib.news import NewsItem
from lib.wording.links import same_page
from lib.wording.tone import tone_of, tone_score

WINDOW_MS: Final = 18 * 3_600_000
"""Columns come back under the same title every day; a story goes round within hours."""

ALIKE: Final = 0.8
"""The least share of common words in two titles of one story."""

LEAST_WORDS: Final = 5
"""Shorter titles have to be equal."""

_TAIL = re.compile(r"\s+[-\u2013\u2014|:\u00b7]+\s+([^|\u2013\u2014]{2,40})$")
_WORD = re.compile(r"\d+(?:[.,]\d+)*[%kmb]?|[^\W_]+")
_COMMA = re.compile(r"(?<=\d),(?=\d{3})")


class _Read(NamedTuple):
    page: str
    words: tuple[str, ...]
    kinds: frozenset[str]
    numbers: frozenset[str]


def cluster(items: Sequence[NewsItem]) -> list[list[NewsItem]]:
    """Clusters of articles, the earliest of each first; clusters in the order of their newest.

    Two articles tell one story if they lie within hours of each other and have the same address,
    or the same title, or nearly so at two outlets: then numbers, coins and tone must agree.
    """
    outlets = {_plain(item.outlet) for item in items}
    read = [_read(item, outlets) for item in items]
    boss = list(range(len(items)))

    def root(i: int) -> int:
        while boss[i] != i:
            boss[i] = boss[boss[i]]
            i = boss[i]
        return i

    for i, j in _candidates(read):
        near = abs(items[i].published_ms - items[j].published_ms) <= WINDOW_MS
        if near and root(i) != root(j) and _same(items[i], items[j], read[i], read[j]):
            boss[root(j)] = root(i)
    clusters: dict[int, list[NewsItem]] = defaultdict(list)
    for i, item in enumerate(items):
        clusters[root(i)].append(item)
    made = [sorted(members, key=lambda item: item.published_ms) for members in clusters.values()]
    return sorted(made, key=lambda members: -members[0].published_ms)


def title_words(title: str, outlets: Collection[str] = ()) -> tuple[str, ...]:
    """The words of a title in small letters, without the outlet's name behind it."""
    found = _TAIL.search(title)
    if found and _plain(found[1]) in outlets:
        title = title[: found.start()]
    return tuple(_WORD.findall(_COMMA.sub("", title.casefold())))


def _read(item: NewsItem, outlets: Collection[str]) -> _Read:
    words = title_words(item.title, outlets)
    numbers = frozenset(word for word in words if word[0].isdigit())
    return _Read(same_page(item.url), words, frozenset(words), numbers)


def _candidates(read: Sequence[_Read]) -> Iterator[tuple[int, int]]:
    """Pairs that share an address, a title, or one of the rarest words of both.

    Of two sets alike by a share, one of so many rarest words must be common (prefix filtering).
    """
    often = Counter(word for one in read for word in one.kinds)
    by_key: dict[object, list[int]] = defaultdict(list)
    for i, one in enumerate(read):
        by_key[one.page].append(i)
        by_key[one.words].append(i)
        rarest = sorted(one.kinds, key=lambda word: (often[word], word))
        for word in rarest[: len(rarest) - ceil(ALIKE * len(rarest)) + 1]:
            by_key[word, "rare"].append(i)
    for members in by_key.values():
        for at, j in enumerate(members):
            for i in members[max(0, at - 40) : at]:
                yield i, j


def _same(one: NewsItem, other: NewsItem, a: _Read, b: _Read) -> bool:
    if a.page == b.page or (a.words == b.words and len(a.words) > 1):
        return True
    if one.outlet == other.outlet or min(len(a.kinds), len(b.kinds)) < LEAST_WORDS:
        return False
    common = len(a.kinds & b.kinds)
    if common < ALIKE * (len(a.kinds) + len(b.kinds) - common) or a.numbers != b.numbers:
        return False
    tones = {tone_of(tone_score(item.title)) for item in (one, other)}
    return one.symbols == other.symbols and len(tones) == 1


def _plain(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())
