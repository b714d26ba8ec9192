"""The service to be attacked."""

from collections.abc import AsyncIterator

import pytest

from tests.house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """The whole service over the sandbox, on a clock that stands still."""
    async with House() as made:
        yield made
