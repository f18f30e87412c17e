"""What the VS Code extension starts: `python -I -S main.py`, the language server on stdin and stdout.

Isolated like this, Python sees nothing of the user's packages, variables or folders: the search path gets the
extension's own libraries and this package, and so nothing in the user's environment can break the server.
"""

from __future__ import annotations

import sys
from pathlib import Path

_SERVER = Path(__file__).resolve().parent


def _serve() -> int:
    sys.path[:0] = [str(_SERVER.parent / "bundle"), str(_SERVER)]
    from mlsense.cli import main

    return main(["server", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(_serve())
