"""Real servers for snippets that talk to one: PostgreSQL, Redis, and a web that answers for every host.

Each is started by the first test that needs it, on a free port, in a folder of its own, and ends with the tests. What a
program has to know of it comes as environment variables.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest


def variables_of(names: tuple[str, ...]) -> dict[str, str]:
    """What programs have to know of these services, which are running then."""
    known = {"postgres": postgres, "redis": redis, "web": web}
    return {key: value for name in names for key, value in known[name]().items()}


def lacking(what: str) -> None:
    """Skips the test, or fails it where everything has to be there."""
    if os.environ.get("MLSENSE_SNIPPETS"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


@cache
def postgres() -> dict[str, str]:
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))
    if programs is None or not (programs / "initdb").exists():
        lacking("PostgreSQL")
        raise AssertionError
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    # The server refuses to be the system's administrator.
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if other:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()

    def run(*command: str | Path) -> None:
        # The server keeps what it inherits: a pipe would never end.
        with (folder.parent / f"{folder.name}.log").open("w") as log:
            subprocess.run([*other, *command], check=True, cwd="/", stdout=log, stderr=log, timeout=120)

    run(programs / "initdb", "--pgdata", data, "--username", "tester", "--auth", "trust", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(programs / "pg_ctl", "start", "--wait", "--pgdata", data, "--log", folder / "log", "--options", options)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(run, programs / "pg_ctl", "stop", "--mode", "immediate", "--pgdata", data)
    return {"DATABASE_URL": f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"}


@cache
def redis() -> dict[str, str]:
    program = shutil.which("redis-server")
    if program is None:
        lacking("Redis")
        raise AssertionError
    port = free_port()
    command = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1", "--dir", tempfile.mkdtemp()]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    atexit.register(server.kill)
    assert server.stdout is not None
    assert any("Ready to accept connections" in line for line in server.stdout)
    # What it prints later is read by nobody, and must not fill the pipe.
    Thread(target=server.stdout.read, daemon=True).start()
    return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


@cache
def web() -> dict[str, str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    # As the proxy of a program it gets the requests for every host.
    return {"http_proxy": address, "HTTP_PROXY": address, "no_proxy": "", "NO_PROXY": ""}


BOOKS = [("Emma", "£7.50"), ("Persuasion", "£6.20"), ("Ulysses", "£9.99"), ("Middlemarch", "£8.10")]


class Site(BaseHTTPRequestHandler):
    """An API of 25 items in pages of ten, busy every third time a page is asked for, and four books on two pages."""

    asked = 0

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {key: values[-1] for key, values in parse_qs(url.query).items()}
        if url.path == "/items":
            self._items(int(asked.get("page", 1)), int(asked.get("per_page", 10)), may_be_busy="page" in asked)
        elif url.path == "/robots.txt":
            self._answer("text/plain", "User-agent: *\nDisallow: /private/\n")
        elif url.path == "/list.html":
            self._answer("text/html", _listed(BOOKS[:2]) + '<a class="next" href="/more.html">more</a>')
        elif url.path == "/more.html":
            self._answer("text/html", _listed(BOOKS[2:]))
        elif url.path == "/table.html":
            rows = "".join(f"<tr><td>{title}</td><td>{price}</td></tr>" for title, price in BOOKS)
            self._answer("text/html", f"<table><tr><th>title</th><th>price</th></tr>{rows}</table>")
        else:
            self.send_error(404)

    def _items(self, page: int, count: int, *, may_be_busy: bool) -> None:
        Site.asked += may_be_busy
        if may_be_busy and Site.asked % 3 == 2:
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        numbers = range(25)[(page - 1) * count : page * count]
        items = [{"id": number, "size": {"width": number % 7}} for number in numbers]
        self._answer("application/json", json.dumps({"items": items}))

    def _answer(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _listed(books: list[tuple[str, str]]) -> str:
    entries = (f'<div class="book"><h3>{title}</h3><p class="price">{price}</p></div>' for title, price in books)
    return "".join(entries)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
