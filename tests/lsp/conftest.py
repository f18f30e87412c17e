from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from lsp.wire import Wire, connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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
