"""A worker that does what a request asks for, be it to hang, to crash or to talk nonsense."""

from __future__ import annotations

import json
import os
import sys
import threading

for line in sys.stdin.buffer:
    request = json.loads(line)
    answer = {"answer": [os.getpid(), request["params"]], "last": request["method"] == "last"}
    if request["method"] == "hang":
        threading.Event().wait()
    elif request["method"] == "crash":
        os._exit(3)
    elif request["method"] == "nonsense":
        sys.stdout.buffer.write(b"hello\n")
    elif request["method"] == "fail":
        sys.stdout.buffer.write(json.dumps({"error": "no such thing", "last": False}).encode() + b"\n")
    else:
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()
