"""`mlsense server`: the language server that editors talk to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser(
        "server",
        help="start the language server for an editor",
        description="Starts the language server: over standard input and output for an editor that "
        "started it, or, for debugging, over TCP.",
    )
    transport = parser.add_mutually_exclusive_group()
    transport.add_argument("--stdio", action="store_true", help="standard input and output (the default)")
    transport.add_argument("--tcp", type=_address, metavar="[HOST:]PORT", help="listen on HOST (127.0.0.1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client leaves; 2 if the address cannot be listened on."""
    from mlsense.cli import EXIT_FAILURE
    from mlsense.lsp import serve

    if arguments.tcp is None:
        return serve()
    try:
        return serve(arguments.tcp)
    except OSError as error:
        host, port = arguments.tcp
        print(f"mlsense: cannot listen on {host}:{port}: {error.strerror or error}", file=sys.stderr)
        return EXIT_FAILURE


def _address(text: str) -> tuple[str, int]:
    """An address as `PORT`, `HOST:PORT` or `[HOST]:PORT`."""
    import argparse

    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"`{text}` is not [HOST:]PORT, such as 2087 or 127.0.0.1:2087")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)
