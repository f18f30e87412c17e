from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from lsp.wire import Wire, connected
from mlsense.lsp.server import Server


@pytest_asyncio.fixture
async def connection() -> AsyncIterator[tuple[Wire, Server]]:
    async with connected() as ends:
        yield ends


@pytest_asyncio.fixture
async def wire(connection: tuple[Wire, Server]) -> Wire:
    return connection[0]


@pytest_asyncio.fixture
async def server(connection: tuple[Wire, Server]) -> Server:
    return connection[1]
