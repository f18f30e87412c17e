"""The server as a process of its own, as editors run it: through pytest-lsp or message by message."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from lsp.wire import PATIENCE, PLAIN, Wire

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

FAKE_SERVER = [sys.executable, str(Path(__file__).with_name("fake_server.py"))]
SCRIPT = "file:///train.py"
BOOK = "file:///book.ipynb"
FIRST = "vscode-notebook-cell:/book.ipynb#W0sZmlsZQ%3D%3D"
SECOND = "vscode-notebook-cell:/book.ipynb#W1sZmlsZQ%3D%3D"


@asynccontextmanager
async def spawned(*options: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *FAKE_SERVER,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def wire_to(process: Process) -> Wire:
    assert process.stdout is not None
    assert process.stdin is not None
    return Wire(process.stdout, process.stdin)


async def ended(process: Process) -> tuple[int, str]:
    """The exit code and what was written to standard error."""
    assert process.stderr is not None
    said = await asyncio.wait_for(process.stderr.read(), PATIENCE)
    return await asyncio.wait_for(process.wait(), PATIENCE), said.decode()


@pytest.mark.parametrize(
    ("editor", "column"),
    [("visual-studio-code", 6), ("neovim", 8), ("emacs", 5)],
    ids=["utf-16", "utf-8", "utf-32"],
)
async def test_editors_get_diagnostics_hovers_and_fixes_for_a_script(editor: str, column: int) -> None:
    client = await started(editor)
    text = "'🧪'; BAD\n"
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(SCRIPT, "python", 1, text)))
    await published(client)
    [diagnostic] = client.diagnostics[SCRIPT]
    assert (diagnostic.code, diagnostic.range.start.character) == ("bad-name", column)

    place = types.TextDocumentIdentifier(SCRIPT)
    hover = await client.text_document_hover_async(types.HoverParams(place, diagnostic.range.start))
    assert hover is not None
    assert hover.range == diagnostic.range

    context = types.CodeActionContext([diagnostic], only=[types.CodeActionKind.QuickFix])
    actions = await client.text_document_code_action_async(types.CodeActionParams(place, diagnostic.range, context))
    assert [action.title for action in actions] == ["Write `GOOD`", "Ignore `bad-name` on this line"]
    await stopped(client)


async def test_a_leak_across_cells_of_a_notebook_points_to_the_other_cell() -> None:
    client = await started("visual-studio-code")
    cells = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in (FIRST, SECOND)]
    notebook = types.NotebookDocument(BOOK, "jupyter-notebook", 1, cells)
    texts = [
        types.TextDocumentItem(uri, "python", 1, text) for uri, text in ((FIRST, "rows = SOURCE"), (SECOND, "LEAK"))
    ]
    client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, texts))
    place = types.TextDocumentIdentifier(SECOND)
    await client.text_document_hover_async(types.HoverParams(place, types.Position(0, 0)))
    assert client.diagnostics[FIRST] == ()
    [diagnostic] = client.diagnostics[SECOND]
    [related] = diagnostic.related_information or ()
    assert (related.location.uri, related.location.range.start.character) == (FIRST, 7)
    await stopped(client)


async def started(editor: str) -> LanguageClient:
    client = await ClientServerConfig(server_command=FAKE_SERVER).start()
    assert isinstance(client, LanguageClient)
    capabilities = client_capabilities(editor)
    capabilities.notebook_document = types.NotebookDocumentClientCapabilities(
        types.NotebookDocumentSyncClientCapabilities()
    )
    await client.initialize_session(types.InitializeParams(capabilities=capabilities))
    return client


async def published(client: LanguageClient) -> None:
    waiting = client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    await asyncio.wait_for(waiting, PATIENCE)


async def stopped(client: LanguageClient) -> None:
    await client.shutdown_session()
    await client.stop()


async def test_a_client_that_says_goodbye_gets_exit_code_0_and_a_silent_server() -> None:
    async with spawned() as process:
        wire = wire_to(process)
        await wire.initialize()
        wire.open(SCRIPT, "BAD")
        assert len(await wire.diagnostics(SCRIPT)) == 1
        wire.notify("$/cancelRequest", {"id": "answered long ago"})
        wire.notify("$/somethingOptional", {})
        assert await wire.ask("shutdown") is None
        wire.notify("exit")
        assert await ended(process) == (0, "")


async def test_exit_without_shutdown_is_exit_code_1() -> None:
    async with spawned() as process:
        wire = wire_to(process)
        await wire.initialize()
        wire.notify("exit")
        assert (await ended(process))[0] == 1


async def test_a_client_that_dies_takes_the_server_with_it_even_in_the_middle_of_an_analysis() -> None:
    async with spawned() as process:
        wire = wire_to(process)
        await wire.initialize()
        wire.open(SCRIPT, "HANG")
        hover = wire.hover(SCRIPT, 0, 0)
        assert process.stdin is not None
        process.stdin.close()
        assert (await ended(process))[0] == 1
        hover.cancel()


async def test_a_print_in_the_analysis_does_not_disturb_the_protocol() -> None:
    async with spawned() as process:
        wire = wire_to(process)
        await wire.initialize()
        wire.open(SCRIPT, "PRINT BAD")
        assert len(await wire.diagnostics(SCRIPT)) == 1
        await wire.ask("shutdown")
        wire.notify("exit")
        code, said = await ended(process)
        assert (code, "hello" in said) == (0, True)


async def test_over_tcp_the_log_says_where_the_server_listens() -> None:
    async with spawned("--tcp") as process:
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stderr.readline(), PATIENCE)).decode()
        while "Serving on" not in line:
            line = (await asyncio.wait_for(process.stderr.readline(), PATIENCE)).decode()
        port = int(line.rpartition(", ")[2].rstrip(")\n"))
        wire = Wire(*await asyncio.open_connection("127.0.0.1", port))
        await wire.initialize(PLAIN)
        wire.open(SCRIPT, "BAD")
        assert len(await wire.diagnostics(SCRIPT)) == 1
        await wire.ask("shutdown")
        wire.notify("exit")
        assert (await ended(process))[0] == 0
