"""WS /ws/orderbook: the best levels of books, at most once a second."""

from lib.endpoint import Channel
from lib.feeds import BOOKS
from lib.live.messages import BookUpdate, book_update

channels = (
    Channel(
        name="orderbook",
        path="/ws/orderbook",
        feed=BOOKS,
        message=BookUpdate,
        project=book_update,
    ),
)
