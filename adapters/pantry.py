"""Answers ready to be sent, by question; and the spellings by which each is asked for."""

import asyncio
from collections import OrderedDict
from typing import Final, Generic, TypeVar

from adapters.rendering import Rendered

V = TypeVar("V")

SPELLINGS_BYTES: Final = 1024 * 1024
ENTRY_BYTES: Final = 200  # what an entry costs besides what it holds, about


class Pantry:
    """Bounded in bytes, whatever callers make up.

    One question has one answer, however it is spelled: parameters in another order, unknown ones
    added. So the raw targets that lead to answers have a bound of their own: a flood of spellings
    crowds out spellings that nobody repeats, and no answer.
    """

    def __init__(self, most_bytes: int, most_spelling_bytes: int = SPELLINGS_BYTES) -> None:
        self._answers: Cupboard[Rendered] = Cupboard(most_bytes)
        self._spellings: Cupboard[bytes] = Cupboard(most_spelling_bytes)
        self._coming: dict[bytes, asyncio.Task[Rendered]] = {}

    def find(self, target: bytes) -> Rendered | None:
        """The answer to a raw request target, good or not."""
        question = self._spellings.get(target)
        return self._answers.get(question) if question else None

    def get(self, question: bytes) -> Rendered | None:
        """The answer to a question, good or not."""
        return self._answers.get(question)

    def put(self, question: bytes, rendered: Rendered) -> None:
        """Keep the newest answer to a question."""
        # the plain body, and the compressed ones that are made when they are asked for
        self._answers.put(question, rendered, len(question) + 3 * len(rendered.body))

    def spell(self, target: bytes, question: bytes) -> None:
        """Remember that this target asks this question."""
        self._spellings.put(target, question, len(target))

    def expect(self, question: bytes, answer: asyncio.Task[Rendered]) -> None:
        """Let others who ask the same wait for an answer that is being made."""
        if self._coming.get(question) is not answer:
            self._coming[question] = answer
            answer.add_done_callback(lambda done: self._arrived(question, done))

    def coming(self, target: bytes) -> asyncio.Task[Rendered] | None:
        """The answer to a raw request target that is being made for somebody else."""
        question = self._spellings.get(target)
        answer = self._coming.get(question) if question else None
        # a host that froze may have lost the loop in which it was being made
        return answer if answer and answer.get_loop() is asyncio.get_running_loop() else None

    def _arrived(self, question: bytes, answer: asyncio.Task[Rendered]) -> None:
        if self._coming.get(question) is answer:
            del self._coming[question]

    def clear(self) -> None:
        """Forget all that is ready."""
        self._answers.clear()
        self._spellings.clear()


class Cupboard(Generic[V]):
    """What was put in first goes first when there is no room, but what was asked for since it was
    last looked over gets another round: one-time things do not drive out what is in use."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._values: OrderedDict[bytes, V] = OrderedDict()
        self._sizes: dict[bytes, int] = {}
        self._asked: set[bytes] = set()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: bytes) -> V | None:
        """What is kept under a key."""
        value = self._values.get(key)
        if value is not None:
            self._asked.add(key)
        return value

    def put(self, key: bytes, value: V, size: int) -> None:
        """Keep a value of so many bytes, and make room for it."""
        self._drop(key)
        self._values[key] = value
        self._sizes[key] = size + ENTRY_BYTES
        self.bytes += self._sizes[key]
        while self.bytes > self._most_bytes:
            oldest = next(iter(self._values))
            if oldest in self._asked:
                self._asked.discard(oldest)
                self._values.move_to_end(oldest)
            else:
                self._drop(oldest)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._sizes.clear()
        self._asked.clear()
        self.bytes = 0

    def _drop(self, key: bytes) -> None:
        if self._values.pop(key, None) is not None:
            self.bytes -= self._sizes.pop(key)
            self._asked.discard(key)
