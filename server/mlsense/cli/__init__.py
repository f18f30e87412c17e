"""The command line: `mlsense check`, `mlsense rule` and `mlsense server`.

Nothing heavy is imported here or at the top of the modules below: each subcommand imports what it needs when
it runs, so that `mlsense check` starts fast and never loads the language server's or the data libraries.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_FAILURE = 2
# What a shell reports of a program ended by the signals behind Ctrl+C and a closed pipe.
_EXIT_INTERRUPTED = 130
_EXIT_BROKEN_PIPE = 141


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: nothing at warning or above; 1: findings; 2: bad usage, an input that could not be read, or an internal
    error.
    """
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        _drop_what_cannot_be_written()
        return _EXIT_BROKEN_PIPE
    except Exception as error:
        return _failed(error)


def _run(argv: list[str]) -> int:
    from mlsense.cli import terminal

    collect_less_often()
    terminal.escape_what_cannot_be_encoded(sys.stdout, sys.stderr)
    if argv and not argv[0].startswith("-") and argv[0] not in _COMMANDS:
        return _no_such_command(argv[0])
    parser = _parser()
    if not argv:
        parser.print_help(sys.stderr)
        return EXIT_FAILURE
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has said what there is to say
        return stop.code if isinstance(stop.code, int) else EXIT_FAILURE
    code: int = arguments.run(arguments)
    return code


def collect_less_often() -> None:
    """An analysis makes many small values, hardly any in a cycle: looking for cycles would be a fifth of its cost."""
    gc.set_threshold(50_000, 10, 10)


_COMMANDS = ("check", "rule", "server")


def _parser() -> argparse.ArgumentParser:
    import argparse

    from mlsense import __version__
    from mlsense.cli import check, rule, server

    parser = argparse.ArgumentParser(
        prog="mlsense",
        description="Finds mistakes in machine-learning code: leakage, scaling, training loops.",
        epilog="mlsense COMMAND --help says more about each command.",
    )
    parser.add_argument("--version", action="version", version=f"mlsense {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="mlsense")
    for command in (check, rule, server):
        command.add_to(commands)
    return parser


def _no_such_command(name: str) -> int:
    from mlsense.cli.names import did_you_mean

    if os.path.exists(name):
        hint = f" Did you mean `mlsense check {name}`?"
    else:
        hint = did_you_mean(name, _COMMANDS) or " `mlsense --help` lists them."
    print(f"mlsense: there is no command `{name}`.{hint}", file=sys.stderr)
    return EXIT_FAILURE


def _failed(error: Exception) -> int:
    from mlsense.cli.problem import DEBUG_HINT, ISSUES, said

    if isinstance(error, OSError) and error.filename is None:
        # Files are named where they are opened; what is left is the output: a full disk, a closed terminal.
        message = f"mlsense: cannot write the output: {error.strerror or said(error)}"
    else:
        message = f"mlsense: failed ({said(error)}). Report it at {ISSUES} ({DEBUG_HINT})"
    _drop_what_cannot_be_written()
    print(message, file=sys.stderr)
    if os.environ.get("MLSENSE_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return EXIT_FAILURE


def _drop_what_cannot_be_written() -> None:
    """Point streams that fail at nothing, or Python complains of them once more when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)
