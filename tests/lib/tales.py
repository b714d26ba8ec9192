"""Stories made up for tests."""

from lib.news import NewsItem
from lib.views.newsroom import Story
from lib.wording.tone import tone_of


def story(
    score: float | None, at_ms: int, symbols: tuple[str, ...] = ("BTC",), outlet: str = "A"
) -> Story:
    """A story of this tone at this time."""
    item = NewsItem(
        title="A title",
        url=f"https://a.example/{at_ms}",
        outlet=outlet,
        published_ms=at_ms,
        score=score,
    )
    return Story(
        id=f"news_{at_ms}",
        item=item,
        outlets=(outlet,),
        symbols=symbols,
        topics=(),
        tags=(),
        score=score,
        tone=None if score is None else tone_of(score),
    )
