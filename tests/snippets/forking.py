"""Runs the programs it is told of, each in a process forked from one that has the libraries loaded.

Run by the Python of an environment: `python forking.py MODULE ...`. A line of JSON on its input is a program
({"path", "arguments", "folder", "seconds", "variables"}); the answer is a line of JSON with what came of it.
Imports nothing but Python's own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import sys
import traceback
from pathlib import Path


def run(program: dict) -> dict:
    """Runs a program to its end; its output lies in two files beside it."""
    path = Path(program["path"])
    outputs = [path.with_name(f".{path.name}.{name}") for name in ("out", "err")]
    child = os.fork()
    if child == 0:
        _child(program, outputs)
    status = _wait(child, program["seconds"])
    texts = [output.read_text("utf-8", "replace") for output in outputs]
    for output in outputs:
        output.unlink()
    return {"code": status, "out": texts[0], "err": texts[1]}


def _child(program: dict, outputs: list[Path]) -> None:
    code = 1
    try:
        os.setsid()
        os.chdir(program["folder"])
        os.environ.update(program["variables"])
        for number, output in enumerate(outputs, 1):
            os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = [program["path"], *program["arguments"]]
        sys.path.insert(0, program["folder"])
        try:
            runpy.run_path(program["path"], run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _wait(child: int, seconds: int) -> int | str:
    """The exit code, or the name of the signal that ended it; all it started ends with it."""

    def late(*_: object) -> None:
        os.killpg(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else signal.Signals(-code).name


def main() -> None:
    for name in sys.argv[1:]:
        # Where it is not there, the programs that need it will say so.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
