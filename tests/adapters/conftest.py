"""The service to be asked."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.gateway import moto
from tests.house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """The whole service over the sandbox, on a clock that stands still."""
    async with House() as made:
        yield made


@pytest.fixture
def kept_loop() -> Iterator[None]:
    """The loop that Mangum keeps between events, closed when the function is done with."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture(scope="session")
def account() -> Iterator[str]:
    """An AWS account by moto; its address."""
    with moto() as address:
        yield address
