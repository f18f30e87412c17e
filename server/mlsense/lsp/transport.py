"""How messages come and go: standard input and output, or TCP."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from mlsense.lsp.server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsense.analysis import Analyser
    from mlsense.configuration import Known


logger = logging.getLogger(__name__)


def serve_stdio(server: Server | None = None) -> int:
    """Serve the client at the other end of standard input and output; see `mlsense.lsp.serve`."""
    _log_to_stderr(logging.WARNING)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    # A stray `print` must not end up between two messages, nor a stray `input` eat one.
    sys.stdin, sys.stdout = open(os.devnull), sys.stderr  # noqa: SIM115
    server = server or default_server()
    server.start_io(stdin, stdout)
    return _exit_code(server)


def serve_tcp(host: str, port: int, server: Server | None = None) -> int:
    """Serve the first client that connects; the log says where, which matters when `port` is 0."""
    _log_to_stderr(logging.INFO)
    server = server or default_server()
    try:
        server.start_tcp(host, port)
    except SystemExit:
        server.shutdown()
    return _exit_code(server)


def default_server() -> Server:
    """The server with the real analysis."""
    return Server(_make_analyser, _rules)


def _make_analyser(unsaved: Mapping[str, str]) -> Analyser:
    from mlsense.analysis import Analyser  # On the analysis thread, while the client reads our capabilities.
    from mlsense.workspace import Folder

    return Analyser(Folder(unsaved), _rule_failed)


def _rule_failed(rule: str, error: Exception) -> None:
    """A mistake of ours: the other rules go on."""
    logger.error("the rule %s failed", rule, exc_info=error)


def _rules() -> Known:
    from mlsense.rules.registry import all_rules

    return {rule.name: rule.options for rule in all_rules()}


def _exit_code(server: Server) -> int:
    return 0 if server.protocol.left else 1


def _log_to_stderr(connections: int) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("pygls.server").setLevel(connections)
    # A cancellation that comes after the answer, a notification of no interest: every session has them.
    logging.getLogger("pygls.protocol.json_rpc").setLevel(logging.ERROR)
