"""Markup made plain text: tags, scripts and entities go, words stay."""

import re
from html import unescape
from typing import Final

LONGEST_MARKUP: Final = 20_000
"""What stands further back in an article never reaches a summary."""

_HIDDEN = re.compile(
    r"<(script|style|template|iframe|svg|noscript)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*(?:>|(?=<)|\Z)")
_BREAK = re.compile(
    r"<(?:/?(?:p|div|li|h[1-6]|tr|ul|ol|blockquote|figure)|br)\b[^<>]*>", re.IGNORECASE
)
_SPACES = re.compile(r"[\s\u200b\u200e\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")
_IMAGE = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*([\"'])(.*?)\1", re.IGNORECASE | re.DOTALL)
_ROUNDS = 3  # markup is sometimes escaped twice; deeper than this it is no accident


def plain_text(markup: str | None, most: int) -> str:
    """Printable text of at most `most` characters, cut at a word, no tag and no entity left."""
    text = (markup or "")[:LONGEST_MARKUP]
    for _ in range(_ROUNDS):
        bare = _without_tags(text)
        text = unescape(bare)
        if text == bare:
            break
    text = _SPACES.sub(" ", _without_tags(text))
    if not text.isprintable():
        text = "".join(ch for ch in text if ch.isprintable())
    return shortened(text.strip(), most)


def shortened(text: str, most: int) -> str:
    """At most `most` characters, ending in `…` where words were left out."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > most // 2 else cut).rstrip(" ,;:-") + "…"


def first_image(markup: str | None) -> str | None:
    """Where the first picture of a text in HTML comes from, as written there."""
    found = _IMAGE.search((markup or "")[:LONGEST_MARKUP])
    return unescape(found[2]).strip() if found else None


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = _HIDDEN.sub(" ", text)
    return _TAG.sub("", _BREAK.sub(" ", text))
