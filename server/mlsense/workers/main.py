"""What a worker runs: `python -I -S main.py FOLDER...`, with the folders of this package and its libraries.

Requests come as lines of JSON on standard input, answers go the same way, one for one and in order.
"""

from __future__ import annotations

import os
import sys


def _serve(folders: list[str]) -> None:
    sys.path[:0] = folders
    from mlsense.workers.serving import serve

    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # A stray `print` must not end up between two answers.
    sys.stdin, sys.stdout = open(os.devnull), open(os.devnull, "w")  # noqa: SIM115
    serve(requests, answers)


if __name__ == "__main__":
    _serve(sys.argv[1:])
