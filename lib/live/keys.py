"""What processes of one world call what they share about live messages in their Redis."""

from typing import NamedTuple

from lib.live.topics import Topic


class Keys(NamedTuple):
    """Of the live world or of the sandbox: the two never hear each other."""

    world: str

    @property
    def fence(self) -> str:
        """Counts leases."""
        return f"v1:{self.world}:fence"

    def said(self, channel: str) -> str:
        """A stream of a channel's messages."""
        return f"v1:{self.world}:said:{channel}"

    def number(self, channel: str) -> str:
        """The last message's number."""
        return f"v1:{self.world}:number:{channel}"

    def held(self, topic: Topic) -> str:
        """Whose a topic is."""
        return f"v1:{self.world}:lease:{topic.key}"

    @property
    def rows(self) -> str:
        """A stream of venues' tickers."""
        return f"v1:{self.world}:rows"


LIVE, SANDBOX = Keys("live"), Keys("live:sandbox")
