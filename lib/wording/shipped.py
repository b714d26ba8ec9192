"""The tagger of the assets that are shipped."""

from functools import cache

from lib.assets import load_seed
from lib.wording.coins import Tagger


@cache
def shipped_tagger() -> Tagger:
    """A constant, made when it is first needed."""
    return Tagger(load_seed())
