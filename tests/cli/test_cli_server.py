"""`mlsense server`: how the server is started."""

from __future__ import annotations

import pytest

from mlsense import lsp
from mlsense.cli import main

Address = tuple[str, int]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Address | None]:
    calls: list[Address | None] = []

    def serve(tcp: Address | None = None) -> int:
        calls.append(tcp)
        return 0

    monkeypatch.setattr(lsp, "serve", serve)
    return calls


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ([], None),
        (["--stdio"], None),
        (["--tcp", "2087"], ("127.0.0.1", 2087)),
        (["--tcp", "localhost:2087"], ("localhost", 2087)),
        (["--tcp", "[::1]:0"], ("::1", 0)),
    ],
)
def test_where_it_listens(served: list[Address | None], arguments: list[str], address: Address | None) -> None:
    assert main(["server", *arguments]) == 0
    assert served == [address]


@pytest.mark.parametrize("address", ["", "x", "host:", "1:2:x", "70000", "-1"])
def test_an_address_that_is_none(
    served: list[Address | None], capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["server", f"--tcp={address}"]) == 2
    assert "is not [HOST:]PORT" in capsys.readouterr().err
    assert served == []


def test_an_address_that_is_taken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def serve(tcp: Address | None = None) -> int:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(lsp, "serve", serve)
    assert main(["server", "--tcp", "2087"]) == 2
    assert capsys.readouterr().err == "mlsense: cannot listen on 127.0.0.1:2087: Address already in use\n"


def test_the_exit_code_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsp, "serve", lambda tcp=None: 1)
    assert main(["server"]) == 1
