"""The worker's end: takes requests, answers them, keeps within its memory, and ends with the server."""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from functools import lru_cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO

from mlsense.environment import Environment
from mlsense.workers.documentation import Library
from mlsense.workers.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_MEMORY = 2_000_000_000
"""Bytes of address space beyond which memory is refused; not on Windows, and macOS does not keep to it."""
ENOUGH_MEMORY = 600_000_000
"""Bytes in use after which a process gives its last answer: a fresh one will be smaller."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""
    _limit_memory()
    handlers = _handlers()
    queue: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(requests, queue), daemon=True).start()
    while True:
        message = _answer(handlers, queue.get())
        answers.write(json.dumps(message).encode() + b"\n")
        answers.flush()
        if message["last"]:
            return


def _read(requests: BinaryIO, queue: SimpleQueue[bytes]) -> None:
    for line in requests:
        queue.put(line)
    # The server is gone. Whatever is being worked on, nobody waits for it, and it may never end.
    os._exit(0)


def _answer(handlers: Mapping[str, Callable[..., Any]], line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
        answer: dict[str, Any] = {"answer": handlers[request["method"]](**request["params"])}
    except MemoryError:
        return {"error": "out of memory", "last": True}
    except Exception:
        answer = {"error": traceback.format_exc(limit=-5)}
    return {**answer, "last": _memory() > ENOUGH_MEMORY}


def _handlers() -> dict[str, Callable[..., Any]]:
    """What can be asked. `path` is that of the document, `interpreter` the one whose libraries count, if any."""
    names, library = Names(), Library()
    environment = lru_cache(maxsize=4)(Environment)

    def of_program(handler: Callable[..., Any]) -> Callable[..., Any]:
        def handle(path: str, interpreter: str | None, **params: Any) -> Any:
            return handler(**params, path=path, sys_path=environment(interpreter).folders(path))

        return handle

    def document(path: str, interpreter: str | None, **params: Any) -> Any:
        return names.document(**params)

    def help(path: str, interpreter: str | None, **params: Any) -> Any:
        folders = environment(interpreter).folders(path)
        said = library.help(**params, sys_path=folders)
        return said if said and said["text"] else names.help(**params, path=path, sys_path=folders) or said

    return {
        "complete": of_program(names.complete),
        "explain": of_program(names.explain),
        "signatures": of_program(names.signatures),
        "definitions": of_program(names.definitions),
        "document": document,
        "help": help,
    }


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _memory() -> int:
    """Bytes of memory in use, or the most there were where only that can be asked; 0 where nobody says."""
    try:
        # What `getrusage` says on Linux is also that of the process this one was forked from.
        with open("/proc/self/statm", "rb") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError):
        pass
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
