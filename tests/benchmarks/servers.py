"""Language servers as an editor runs them: processes that are spoken to over standard input and output."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from texts import Edit

_PATIENCE = 120.0
"""Seconds after which a server that does not answer is given up."""
_PULSE, _QUIET, _IDLE = 0.02, 3, 0.0001
"""A server is at rest when it used less than `_IDLE` seconds of CPU in `_QUIET` intervals of `_PULSE` seconds each."""

_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"workspaceFolders": True},
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "dataSupport": True},
        "diagnostic": {"relatedDocumentSupport": False},
    },
    "notebookDocument": {"synchronization": {}},
}

Message = dict[str, Any]


class Measured(NamedTuple):
    """What one keystroke cost, in milliseconds: of the processor, and from the change to its diagnostics."""

    cpu: float
    wall: float


class Answered(NamedTuple):
    """What one question cost, in milliseconds, and its answer: of the processor, and until the answer was there."""

    cpu: float
    wall: float
    answer: Any


class NotSupportedError(Exception):
    """The server does not take part in this."""


class Server:
    """One server process, with its children. For Linux: times come from its clocks and from /proc."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: dict[str, str] | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._ids = count(1)
        self._lock = threading.Lock()
        self._messages: queue.Queue[tuple[float, Message]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        root = {"uri": folder.as_uri(), "name": folder.name}
        params = {"processId": os.getpid(), "rootUri": root["uri"], "workspaceFolders": [root]}
        params |= {"capabilities": _CAPABILITIES, "initializationOptions": options}
        self._can = self._ask("initialize", params)["capabilities"]
        self._notify("initialized", {})

    def script(self, path: Path, text: str, edits: Sequence[Edit]) -> list[Measured]:
        """Open a script, make the edits one by one and say what each cost."""
        uri = path.as_uri()

        def change(version: int, edit: Edit) -> None:
            document = {"uri": uri, "version": version}
            self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [_event(edit)]})

        self._notify("textDocument/didOpen", {"textDocument": _item(uri, text)})
        measured = self._measure(uri, change, edits)
        self._notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self._settle()
        return measured

    def notebook(self, path: Path, cells: Sequence[str], edited: int, edits: Sequence[Edit]) -> list[Measured]:
        """The same for edits in one cell of a notebook. Raises NotSupportedError."""
        if not self._can.get("notebookDocumentSync"):
            raise NotSupportedError
        uri = path.as_uri()
        uris = [f"vscode-notebook-cell:{path.as_posix()}#W{number}sZmlsZQ%3D%3D" for number in range(len(cells))]

        def change(version: int, edit: Edit) -> None:
            cell = {"document": {"uri": uris[edited], "version": version}, "changes": [_event(edit)]}
            document = {"uri": uri, "version": version}
            change = {"cells": {"textContent": [cell]}}
            self._notify("notebookDocument/didChange", {"notebookDocument": document, "change": change})

        document = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1}
        document["cells"] = [{"kind": 2, "document": cell} for cell in uris]
        items = [_item(cell, text) for cell, text in zip(uris, cells, strict=True)]
        self._notify("notebookDocument/didOpen", {"notebookDocument": document, "cellTextDocuments": items})
        measured = self._measure(uris[edited], change, edits)
        identifiers = [{"uri": cell} for cell in uris]
        self._notify("notebookDocument/didClose", {"notebookDocument": {"uri": uri}, "cellTextDocuments": identifiers})
        self._settle()
        return measured

    def answers(self, path: Path, texts: Sequence[str], method: str, place: tuple[int, int]) -> list[Answered]:
        """Open a script with the first text, replace it by the others one by one, and ask the same of each.

        What is counted begins with the question: the server has come to rest after the edit.
        """
        uri = path.as_uri()
        position = {"line": place[0], "character": place[1]}
        params = {"textDocument": {"uri": uri}, "position": position, "context": {"triggerKind": 1}}
        self._notify("textDocument/didOpen", {"textDocument": _item(uri, texts[0])})
        answered = []
        for version, text in enumerate(texts, 1):
            if version > 1:
                document = {"uri": uri, "version": version}
                self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
            before = self._settle()
            begin = time.perf_counter()
            answer = self._ask(method, params)
            wall = time.perf_counter() - begin
            answered.append(Answered((self._settle() - before) * 1000, wall * 1000, answer))
        self._notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self._settle()
        return answered

    def memory(self) -> float:
        """Megabytes of memory in use, of the whole tree."""
        pages = sum(int(Path(f"/proc/{id}/statm").read_text().split()[1]) for id in self._tree())
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        """Ask the server to leave, and end it if it does not."""
        self._ask("shutdown", None)
        self._notify("exit", None)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _measure(self, uri: str, change: Callable[[int, Edit], None], edits: Sequence[Edit]) -> list[Measured]:
        pushes = self._first(uri)
        measured: list[Measured] = []
        before = self._settle()
        for version, edit in enumerate(edits, 2):
            begin = time.perf_counter()
            change(version, edit)
            arrived = self._diagnostics(uri, version, pushes)
            after = self._settle()
            measured.append(Measured((after - before) * 1000, (arrived - begin) * 1000))
            before = after
        return measured

    def _first(self, uri: str) -> bool:
        """Wait for the diagnostics of a document that was opened; whether the server sends them unasked."""
        if not self._pulls:
            self._diagnostics(uri, 1, pushes=True)
            return True
        self._diagnostics(uri, 1, pushes=False)
        self._settle()
        pushes = False
        while not self._messages.empty():
            pushes = _is_push(self._messages.get()[1], uri, 1) or pushes
        return pushes

    def _diagnostics(self, uri: str, version: int, pushes: bool) -> float:
        """Wait for the diagnostics of a version, asked for where the server wants that; when they came."""
        awaited = {"push"} if pushes else set()
        id = None
        if self._pulls:
            id = self._send_request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            awaited.add("answer")
        kept: list[tuple[float, Message]] = []
        arrived = 0.0
        while awaited:
            arrived, message = self._messages.get(timeout=_PATIENCE)
            if "method" not in message and message["id"] == id:
                awaited.discard("answer")
            elif _is_push(message, uri, version):
                awaited.discard("push")
                kept.append((arrived, message))
        for each in kept if not pushes else ():
            self._messages.put(each)
        return arrived

    @property
    def _pulls(self) -> bool:
        return bool(self._can.get("diagnosticProvider"))

    # --- processor ------------------------------------------------------------------------------

    def _settle(self) -> float:
        """Wait until the server is at rest; the seconds of CPU it has used by then."""
        used, quiet = self._cpu(), 0
        deadline = time.monotonic() + _PATIENCE
        while quiet < _QUIET and time.monotonic() < deadline:
            time.sleep(_PULSE)
            now = self._cpu()
            quiet = quiet + 1 if now - used < _IDLE else 0
            used = now
        return used

    def _cpu(self) -> float:
        """Seconds of CPU used by the processes of the tree."""
        # The number of a process's clock, as clock_getcpuclockid makes it: to the nanosecond, where /proc counts ticks.
        return sum(time.clock_gettime((~id << 3) | 2) for id in self._tree())

    def _tree(self) -> list[int]:
        found = [self._process.pid]
        for id in found:
            for children in Path(f"/proc/{id}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    # --- messages -------------------------------------------------------------------------------

    def _ask(self, method: str, params: Any) -> Any:
        id = self._send_request(method, params)
        while True:
            _, message = self._messages.get(timeout=_PATIENCE)
            if "method" not in message and message["id"] == id:
                return message.get("result")

    def _send_request(self, method: str, params: Any) -> int:
        id = next(self._ids)
        self._send({"id": id, "method": method, "params": params})
        return id

    def _notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._lock:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self._process.stdin.flush()

    def _read(self) -> None:
        """On a thread of its own: take what the server sends, and answer what it asks for with nothing."""
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.lower().removeprefix(b"content-length:"))
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
            else:
                self._messages.put((time.perf_counter(), message))


def _item(uri: str, text: str) -> dict[str, Any]:
    return {"uri": uri, "languageId": "python", "version": 1, "text": text}


def _event(edit: Edit) -> dict[str, Any]:
    start, end = ({"line": edit.line, "character": column} for column in (edit.start, edit.end))
    return {"range": {"start": start, "end": end}, "text": edit.text}


def _is_push(message: Message, uri: str, version: int) -> bool:
    params = message.get("params") or {}
    published = message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri
    return published and params.get("version") in (version, None)
