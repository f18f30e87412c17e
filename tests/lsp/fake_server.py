"""The real server round the fake analyser, as a process: `python fake_server.py [--tcp]`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    tests = Path(__file__).resolve().parents[1]
    sys.path[:1] = [str(tests), str(tests.parent / "server")]

    from lsp.fake_analysis import RULES, FakeAnalyser
    from mlsense.lsp.server import Server
    from mlsense.lsp.transport import serve_stdio, serve_tcp

    server = Server(lambda texts: FakeAnalyser(), lambda: RULES)
    sys.exit(serve_tcp("127.0.0.1", 0, server) if "--tcp" in sys.argv else serve_stdio(server))
