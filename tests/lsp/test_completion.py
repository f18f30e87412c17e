"""How the entries of several providers become one list, whatever they complete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from lsp.wire import PLAIN, VSCODE, Wire, WireError, span
from mlsense.answers import Caret, Completion, Completions, Documentation
from mlsense.lsp.requests import completion as request
from mlsense.lsp.requests import completion_resolve
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot

SCRIPT = "file:///train.py"
CELL = "vscode-notebook-cell:/book.ipynb#W1sZmlsZQ%3D%3D"
ABLE: dict[str, Any] = {
    **VSCODE,
    "textDocument": {
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "commitCharactersSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "labelDetailsSupport": True,
                "tagSupport": {"valueSet": [1]},
            }
        }
    },
}


@dataclass
class Fake:
    """Says what it is given, and remembers what it was asked; `wait` holds it back."""

    NAME: str
    completions: Completions | Exception = field(default_factory=Completions)
    documentation: Documentation | Exception | None = None
    wait: asyncio.Event | None = None
    asked: list[Any] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, snapshot: Snapshot, caret: Caret) -> Completions:
        self.asked.append((snapshot.cell.source.text, caret))
        return await self._said(self.completions)

    async def document(self, snapshot: Snapshot, data: Mapping[str, Any]) -> Documentation | None:
        self.asked.append((snapshot.cell.source.text, data))
        return await self._said(self.documentation)

    async def _said(self, answer: Any) -> Any:
        self.started.set()
        try:
            if self.wait is not None:
                await self.wait.wait()
        except asyncio.CancelledError:
            self.stopped.set()
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer


def entries(*labels: str) -> Completions:
    return Completions(tuple(Completion(label, "variable") for label in labels))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*providers: Fake) -> None:
        for module in (request, completion_resolve):
            monkeypatch.setattr(module, "COMPLETION", providers)

    return use


def labels(answer: dict[str, Any]) -> list[str]:
    return [item["label"] for item in sorted(answer["items"], key=lambda item: item["sortText"])]


async def test_the_server_says_when_it_wants_to_be_asked(wire: Wire) -> None:
    capabilities = await wire.initialize()
    assert capabilities["completionProvider"]["resolveProvider"] is True
    assert set(capabilities["completionProvider"]["triggerCharacters"]) == set(".(,=\"'[-")


async def test_the_first_provider_ranks_first_and_a_label_is_listed_once(wire: Wire, use: Any) -> None:
    use(Fake("ours", entries("zeta", "alpha")), Fake("theirs", entries("beta", "alpha", "aaa")))
    await wire.initialize()
    wire.open(SCRIPT, "'🧪'; ")
    answer = await wire.complete(SCRIPT, 0, 6)
    assert labels(answer) == ["zeta", "alpha", "beta", "aaa"]
    assert answer["isIncomplete"] is False


@pytest.mark.parametrize("trigger", [None, "."])
async def test_a_provider_sees_the_newest_text_and_where_and_why_it_was_asked(
    wire: Wire, use: Any, trigger: str | None
) -> None:
    provider = Fake("ours")
    use(provider)
    await wire.initialize()
    wire.open_notebook("file:///book.ipynb", {"vscode-notebook-cell:/book.ipynb#W0": "other", CELL: "x"})
    wire.change_notebook(
        "file:///book.ipynb",
        2,
        textContent=[{"document": {"uri": CELL, "version": 2}, "changes": [{"text": "'🧪'\nnew."}]}],
    )
    answer = await wire.complete(CELL, 1, 4, trigger)
    assert answer == {"isIncomplete": False, "items": []}
    assert provider.asked == [("'🧪'\nnew.", Caret(8, trigger))]


async def test_a_provider_that_fails_costs_only_its_own_entries(wire: Wire, use: Any) -> None:
    use(Fake("ours", ZeroDivisionError("a bug")), Fake("theirs", entries("kept")))
    await wire.initialize()
    wire.open(SCRIPT, "")
    answer = await wire.complete(SCRIPT, 0, 0)
    assert labels(answer) == ["kept"]
    # What it would have said may come with the next letter.
    assert answer["isIncomplete"] is True


async def test_the_list_does_not_wait_for_one_who_is_late(
    wire: Wire, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "LIMIT", 0.01)
    late = Fake("theirs", entries("late"), wait=asyncio.Event())
    use(Fake("ours", entries("there")), late)
    await wire.initialize()
    wire.open(SCRIPT, "")
    answer = await wire.complete(SCRIPT, 0, 0)
    assert labels(answer) == ["there"]
    assert answer["isIncomplete"] is True
    await asyncio.wait_for(late.stopped.wait(), 10)


async def test_where_nothing_else_fits_those_who_come_after_are_not_asked(wire: Wire, use: Any) -> None:
    whole = Completions(entries("there").entries, whole=True)
    last = Fake("theirs", entries("more"))
    use(Fake("ours", whole), last)
    await wire.initialize()
    wire.open(SCRIPT, "")
    answer = await wire.complete(SCRIPT, 0, 0)
    assert (labels(answer), answer["isIncomplete"], last.asked) == (["there"], False, [])


async def test_a_list_may_be_incomplete_of_itself(wire: Wire, use: Any) -> None:
    use(Fake("ours", Completions((), incomplete=True)))
    await wire.initialize()
    wire.open(SCRIPT, "")
    assert await wire.complete(SCRIPT, 0, 0) == {"isIncomplete": True, "items": []}


async def test_a_cancelled_completion_stops_its_providers(wire: Wire, use: Any) -> None:
    provider = Fake("ours", wait=asyncio.Event())
    use(provider)
    await wire.initialize()
    wire.open(SCRIPT, "")
    place = {"textDocument": {"uri": SCRIPT}, "position": {"line": 0, "character": 0}}
    cancelled = wire.ask("textDocument/completion", place, id="cancel me")
    await asyncio.wait_for(provider.started.wait(), 10)
    wire.notify("$/cancelRequest", {"id": "cancel me"})
    with pytest.raises(WireError) as raised:
        await cancelled
    assert raised.value.code == -32800
    await asyncio.wait_for(provider.stopped.wait(), 10)


async def test_switched_off_or_unknown_there_is_nothing(wire: Wire, use: Any) -> None:
    provider = Fake("ours", entries("x"))
    use(provider)
    await wire.initialize(options={"settings": {"enable": False}})
    wire.open(SCRIPT, "")
    assert await wire.complete(SCRIPT, 0, 0) is None
    assert await wire.complete("file:///unknown.py", 0, 0) is None
    assert provider.asked == []


FULL = Completion(
    "solver=",
    "parameter",
    insert="solver='lbfgs'",
    snippet="solver='${1:lbfgs}'",
    span=Span(6, 9),
    detail="default `lbfgs`",
    documentation="**solver**",
    commit="=,",
    edits=(TextEdit(Span(0, 0), "import x\n"),),
    deprecated=True,
    data={"name": "solver"},
)


async def test_an_entry_is_told_as_richly_as_the_client_can_take(wire: Wire, use: Any) -> None:
    use(Fake("ours", Completions((FULL,))))
    wire.configuration = {}
    await wire.initialize(ABLE)
    wire.open(SCRIPT, "'🧪'; (sol")
    [item] = (await wire.complete(SCRIPT, 0, 10))["items"]
    edit = {"range": span(0, 7, 10), "newText": "solver='${1:lbfgs}'"}
    assert item == {
        "label": "solver=",
        "kind": 10,
        "sortText": "000000",
        "filterText": "solver='lbfgs'",
        "insertTextFormat": 2,
        "textEdit": edit,
        "additionalTextEdits": [{"range": span(0, 0, 0), "newText": "import x\n"}],
        "commitCharacters": ["=", ","],
        "tags": [1],
        "labelDetails": {"description": "default `lbfgs`"},
        "documentation": {"kind": "markdown", "value": "**solver**"},
        "data": {"uri": SCRIPT, "provider": "ours", "of": {"name": "solver"}},
    }


async def test_a_simple_client_gets_simple_entries(wire: Wire, use: Any) -> None:
    use(Fake("ours", Completions((FULL,))))
    await wire.initialize(PLAIN)
    wire.open(SCRIPT, "'🧪'; (sol")
    [item] = (await wire.complete(SCRIPT, 0, 10))["items"]
    assert item["textEdit"]["newText"] == "solver='lbfgs'"
    assert item["detail"] == "default `lbfgs`"
    assert item["documentation"] == {"kind": "plaintext", "value": "solver"}
    assert item.keys().isdisjoint({"insertTextFormat", "commitCharacters", "tags", "labelDetails"})


async def test_a_name_is_put_in_as_the_editor_sees_fit(wire: Wire, use: Any) -> None:
    use(Fake("ours", Completions((Completion("fit", "method", insert="fit()"), Completion("score", "method")))))
    await wire.initialize(ABLE)
    wire.open(SCRIPT, "")
    first, second = (await wire.complete(SCRIPT, 0, 0))["items"]
    assert first["insertText"] == "fit()"
    assert second == {"label": "score", "kind": 2, "sortText": "000001"}


async def test_documentation_comes_from_the_provider_that_made_the_entry(wire: Wire, use: Any) -> None:
    listed = Completions((Completion("fit", "method", data={"number": 7}),))
    ours, theirs = Fake("ours"), Fake("theirs", listed, Documentation("**Fits**.", "fit(X, y)"))
    use(ours, theirs)
    wire.configuration = {}
    await wire.initialize(ABLE)
    wire.open(SCRIPT, "model.")
    [item] = (await wire.complete(SCRIPT, 0, 6))["items"]
    ours.asked.clear()
    theirs.asked.clear()
    resolved = await wire.ask("completionItem/resolve", item)
    assert resolved == {
        **item,
        "detail": "fit(X, y)",
        "documentation": {"kind": "markdown", "value": "**Fits**."},
    }
    assert (ours.asked, theirs.asked) == ([], [("model.", {"number": 7})])


@pytest.mark.parametrize("documentation", [None, ZeroDivisionError("a bug")])
async def test_an_entry_without_documentation_stays_as_it_is(
    wire: Wire, use: Any, documentation: Exception | None
) -> None:
    listed = Completions((Completion("fit", "method", data={}), Completion("score", "method")))
    use(Fake("ours", listed, documentation))
    await wire.initialize()
    wire.open(SCRIPT, "")
    for item in (await wire.complete(SCRIPT, 0, 0))["items"]:
        assert await wire.ask("completionItem/resolve", item) == item


async def test_an_entry_of_a_closed_document_stays_as_it_is(wire: Wire, use: Any) -> None:
    use(Fake("ours", Completions((Completion("fit", "method", data={}),)), Documentation("Fits.")))
    await wire.initialize()
    wire.open(SCRIPT, "")
    [item] = (await wire.complete(SCRIPT, 0, 0))["items"]
    wire.close(SCRIPT)
    assert await wire.ask("completionItem/resolve", item) == item
