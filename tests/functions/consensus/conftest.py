"""Venues that can be made to say something else."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.functions.twisted import Twisted
from tests.house import House


@pytest.fixture
async def twisted() -> AsyncIterator[tuple[House, Twisted]]:
    """A service whose venues can be made to say something else."""
    transport = Twisted()
    async with House(upstream=transport) as house:
        transport.inner = httpx.ASGITransport(house.sandbox)
        yield house, transport
