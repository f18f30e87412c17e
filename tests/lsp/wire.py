"""A client that shows what is on the wire: messages are the dictionaries of the specification."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from itertools import count
from threading import Event
from typing import TYPE_CHECKING, Any

from pygls.io_ import run_async

from lsp.fake_analysis import RULES, FakeAnalyser
from mlsense.lsp.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mlsense.workers.process import Worker

PATIENCE = 20
"""Seconds after which a test fails for want of a message."""

VSCODE: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
    },
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "dataSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "notebookDocument": {"synchronization": {"dynamicRegistration": True, "executionSummarySupport": True}},
}
"""What VS Code says of itself, as far as the server looks."""

PLAIN: dict[str, Any] = {"notebookDocument": {"synchronization": {}}}
"""A client that can do as little as possible, but knows notebooks."""


class WireError(Exception):
    """The error in an answer."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Wire:
    """One end of a connection. What the server sends by itself is kept in `received`, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._ids = count(1)
        self._answers: dict[Any, asyncio.Future[Any]] = {}
        self._arrived = asyncio.Condition()
        self._taken = 0
        self.received: list[dict[str, Any]] = []
        self.configuration: Any = None
        self.task = asyncio.ensure_future(self._read())

    def send(self, message: dict[str, Any] | bytes) -> None:
        body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None, id: Any = None) -> asyncio.Future[Any]:
        """Send a request; the future has the result, or raises WireError."""
        id = next(self._ids) if id is None else id
        self._answers[id] = future = asyncio.get_running_loop().create_future()
        self.send({"id": id, "method": method, "params": params})
        return asyncio.ensure_future(asyncio.wait_for(future, PATIENCE))

    async def initialize(self, capabilities: Any = PLAIN, options: Any = None) -> dict[str, Any]:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        result = await self.ask("initialize", {**params, "initializationOptions": options})
        self.notify("initialized", {})
        return result["capabilities"]

    async def next(self, method: str, **wanted: Any) -> Any:
        """The params of the next message of the method with the members wanted; those before are skipped."""

        def found() -> bool:
            while self._taken < len(self.received):
                message = self.received[self._taken]
                self._taken += 1
                if message["method"] == method and wanted.items() <= message["params"].items():
                    return True
            return False

        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(found), PATIENCE)
        return self.received[self._taken - 1]["params"]

    async def diagnostics(self, uri: str, version: int | None = None) -> list[dict[str, Any]]:
        """The next diagnostics published for a URI, and for a version where one is given."""
        wanted = {"uri": uri} if version is None else {"uri": uri, "version": version}
        params = await self.next("textDocument/publishDiagnostics", **wanted)
        return params["diagnostics"]

    async def settle(self, uri: str) -> None:
        """Wait until all that was asked of a document is done: a hover waits for the analysis."""
        await self.hover(uri, 0, 0)

    def published(self, uri: str) -> list[dict[str, Any]]:
        """Everything published for a URI so far."""
        return [
            message["params"]
            for message in self.received
            if message["method"] == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
        ]

    # Documents

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: dict[str, Any] | str) -> None:
        """Each change is a whole text, or an event with a range."""
        events = [{"text": change} if isinstance(change, str) else change for change in changes]
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": events}
        self.notify("textDocument/didChange", params)

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def open_notebook(self, uri: str, cells: dict[str, str], version: int = 1) -> None:
        """`cells` are texts by URI."""
        notebook = {
            "uri": uri,
            "notebookType": "jupyter-notebook",
            "version": version,
            "cells": [{"kind": 2, "document": cell} for cell in cells],
        }
        items = [cell_item(cell, text) for cell, text in cells.items()]
        self.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})

    def change_notebook(self, uri: str, version: int, **cells: Any) -> None:
        """`cells` are the members of the protocol's `cells`: structure, data, textContent."""
        params = {"notebookDocument": {"uri": uri, "version": version}, "change": {"cells": cells}}
        self.notify("notebookDocument/didChange", params)

    def close_notebook(self, uri: str, cells: list[str]) -> None:
        texts = [{"uri": cell} for cell in cells]
        self.notify("notebookDocument/didClose", {"notebookDocument": {"uri": uri}, "cellTextDocuments": texts})

    # Requests

    def hover(self, uri: str, line: int, character: int) -> asyncio.Future[Any]:
        position = {"line": line, "character": character}
        return self.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})

    def signatures(self, uri: str, line: int, character: int) -> asyncio.Future[Any]:
        position = {"line": line, "character": character}
        return self.ask("textDocument/signatureHelp", {"textDocument": {"uri": uri}, "position": position})

    def definition(self, uri: str, line: int, character: int) -> asyncio.Future[Any]:
        position = {"line": line, "character": character}
        return self.ask("textDocument/definition", {"textDocument": {"uri": uri}, "position": position})

    def complete(self, uri: str, line: int, character: int, trigger: str | None = None) -> asyncio.Future[Any]:
        """Completions as a user asks for them, or as the typing of a character does."""
        context = {"triggerKind": 1} if trigger is None else {"triggerKind": 2, "triggerCharacter": trigger}
        position = {"line": line, "character": character}
        params = {"textDocument": {"uri": uri}, "position": position, "context": context}
        return self.ask("textDocument/completion", params)

    async def actions(
        self, uri: str, diagnostics: list[dict[str, Any]], only: list[str] | None = None
    ) -> list[dict[str, Any]]:
        place = {"line": 0, "character": 0}
        context = {"diagnostics": diagnostics} if only is None else {"diagnostics": diagnostics, "only": only}
        params = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": context}
        return await self.ask("textDocument/codeAction", params)

    async def _read(self) -> None:
        while header := await self._reader.readline():
            length = int(header.removeprefix(b"Content-Length: "))
            while await self._reader.readline() != b"\r\n":
                pass
            await self._receive(json.loads(await self._reader.readexactly(length)))

    async def _receive(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._answers.pop(message["id"], None)
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(WireError(message["error"]))
            else:
                future.set_result(message["result"])
            return
        if message["method"] == "workspace/configuration" and self.configuration is not None:
            self.send({"id": message["id"], "result": [self.configuration]})
        elif message["method"] == "client/registerCapability":
            self.send({"id": message["id"], "result": None})
        async with self._arrived:
            self.received.append(message)
            self._arrived.notify_all()


def cell_item(uri: str, text: str, language: str = "python") -> dict[str, Any]:
    return {"uri": uri, "languageId": language, "version": 1, "text": text}


def span(line: int, start: int, end: int) -> dict[str, Any]:
    """A range within one line."""
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


@asynccontextmanager
async def connected(
    analyser: FakeAnalyser | None = None, worker: Worker | None = None
) -> AsyncIterator[tuple[Wire, Server]]:
    """A client and a server in this process, with a socket between them."""
    server = Server(lambda texts: analyser or FakeAnalyser(), lambda: dict.fromkeys(RULES, ()), worker)
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=theirs)
    server.protocol.set_writer(writer)
    serving = asyncio.ensure_future(run_async(Event(), reader, server.protocol))
    wire = Wire(*await asyncio.open_connection(sock=ours))
    try:
        yield wire, server
    finally:
        server.shutdown()
        for task in (serving, wire.task):
            task.cancel()
        ours.close()
        theirs.close()
