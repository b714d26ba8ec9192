"""Why another source answered than the one that should have."""

from typing import Any

from lib.context import Context
from lib.feeds import Feed
from lib.sourced import FAILURES


def why_fallen_back(ctx: Context, feed: Feed[Any, Any]) -> str | None:
    """Who failed ahead of the source that answered for a feed, and how: `huggingface timeout`.
    `None` if nobody did."""
    part = next((part for part in ctx.parts if part.feed.name == feed.name), None)
    tried = part.sourced.tried if part else ()
    return ", ".join(f"{a.source} {a.outcome}" for a in tried if a.outcome in FAILURES) or None
