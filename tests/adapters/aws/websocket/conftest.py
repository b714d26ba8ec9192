"""API Gateway's sockets over a table of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway import Cloud, create_table


@pytest.fixture
async def cloud(account: str) -> AsyncIterator[Cloud]:
    made = Cloud(account, create_table(account), WS_MAX_SYMBOLS="3")
    async with made.house:
        yield made
