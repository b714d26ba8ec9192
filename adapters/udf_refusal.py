"""Refusals as chart libraries read them: UDF's `{s: "error", errmsg}` beside our envelope.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""

import json
from typing import Final

from lib.errors import ApiError

ROOT: Final = "/udf"


def is_for_charts(path: str) -> bool:
    """Whether a path is a chart library's, one that does not exist included."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def in_charts_words(body: bytes, error: ApiError) -> bytes:
    """The body of a refusal with the protocol's two fields before its own: charts read them
    whatever the status."""
    words = {"s": "error", "errmsg": error.message}
    return json.dumps(words | json.loads(body)).encode()
