"""The language server: everything that knows the Language Server Protocol."""

from __future__ import annotations


def serve(tcp: tuple[str, int] | None = None) -> int:
    """Serve one client until it leaves, over standard input and output or, for debugging, over TCP.

    Returns the exit code of the process: 0 when the client asked for the shutdown, else 1. Raises OSError
    when the address cannot be listened on.
    """
    # Building the protocol's classes costs most of a second: only for those who serve.
    from mlsense.lsp.transport import serve_stdio, serve_tcp

    return serve_stdio() if tcp is None else serve_tcp(*tcp)


__all__ = ["serve"]
