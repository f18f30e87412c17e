"""Quick fixes, silencing, rule pages and fixing all."""

from __future__ import annotations

from typing import Any

from lsp.wire import PLAIN, VSCODE, Wire, span

SCRIPT = "file:///train.py"
BOOK = "file:///book.ipynb"
FIRST, SECOND = (
    "vscode-notebook-cell:/book.ipynb#W0sZmlsZQ%3D%3D",
    "vscode-notebook-cell:/book.ipynb#W1sZmlsZQ%3D%3D",
)
OPEN_PAGE = {"commands": ["mlsense.openRulePage"], "settings": {}}


async def opened(wire: Wire, text: str, capabilities: Any = PLAIN, options: Any = None) -> list[dict[str, Any]]:
    """The diagnostics of a script."""
    wire.configuration = {}
    await wire.initialize(capabilities, options)
    wire.open(SCRIPT, text)
    return await wire.diagnostics(SCRIPT)


def titles(actions: list[dict[str, Any]]) -> list[str]:
    return [action["title"] for action in actions]


async def test_what_is_offered_for_a_finding(wire: Wire) -> None:
    [diagnostic] = await opened(wire, "x = BAD\n", VSCODE, OPEN_PAGE)

    fix, ignore, page = await wire.actions(SCRIPT, [diagnostic], only=["quickfix"])

    def edit(range_: object, text: str) -> dict[str, Any]:
        document = {"uri": SCRIPT, "version": 1}
        return {"documentChanges": [{"textDocument": document, "edits": [{"range": range_, "newText": text}]}]}

    assert fix == {
        "title": "Write `GOOD`",
        "kind": "quickfix",
        "isPreferred": True,
        "diagnostics": [diagnostic],
        "edit": edit(span(0, 4, 7), "GOOD"),
    }
    assert ignore == {
        "title": "Ignore `bad-name` on this line",
        "kind": "quickfix",
        "diagnostics": [diagnostic],
        "edit": edit(span(0, 7, 7), "  # mlsense: ignore[bad-name]"),
    }
    arguments = ["bad-name", "https://example.org/rules/bad-name.md"]
    assert page == {
        "title": "Open the page of `bad-name`",
        "kind": "quickfix",
        "diagnostics": [diagnostic],
        "command": {
            "title": "Open the page of `bad-name`",
            "command": "mlsense.openRulePage",
            "arguments": arguments,
        },
    }


async def test_an_unsafe_fix_is_not_preferred(wire: Wire) -> None:
    diagnostics = await opened(wire, "BOLD")
    [fix, *_] = await wire.actions(SCRIPT, diagnostics)
    assert (fix["title"], fix["isPreferred"]) == ("Write `SHY`", False)


async def test_a_client_without_the_command_is_not_offered_the_page(wire: Wire) -> None:
    diagnostics = await opened(wire, "BOLD", PLAIN)
    assert titles(await wire.actions(SCRIPT, diagnostics)) == [
        "Write `SHY`",
        "Ignore `bold-name` on this line",
    ]


async def test_a_client_without_document_changes_gets_changes(wire: Wire) -> None:
    diagnostics = await opened(wire, "BOLD", PLAIN)
    [fix, *_] = await wire.actions(SCRIPT, diagnostics)
    assert fix["edit"] == {"changes": {SCRIPT: [{"range": span(0, 0, 4), "newText": "SHY"}]}}


async def test_no_edit_is_offered_for_a_diagnostic_of_an_older_text(wire: Wire) -> None:
    diagnostics = await opened(wire, "BAD", VSCODE, OPEN_PAGE)
    wire.change(SCRIPT, 2, "x\nBAD")
    assert titles(await wire.actions(SCRIPT, diagnostics)) == ["Open the page of `bad-name`"]


async def test_a_version_that_comes_twice_is_not_mistaken_for_the_same_text(wire: Wire) -> None:
    diagnostics = await opened(wire, "BAD")
    wire.change(SCRIPT, 1, "x\nBAD")
    assert await wire.actions(SCRIPT, diagnostics, only=["quickfix"]) == []


async def test_the_rule_joins_an_ignore_comment(wire: Wire) -> None:
    diagnostics = await opened(wire, "BOLD  # mlsense: ignore[leak]")
    [_, ignore] = await wire.actions(SCRIPT, diagnostics)
    assert ignore["edit"]["changes"][SCRIPT] == [{"range": span(0, 28, 28), "newText": ", bold-name"}]


async def test_two_findings_of_a_rule_on_one_line_need_one_comment(wire: Wire) -> None:
    diagnostics = await opened(wire, "BOLD, BOLD")
    actions = await wire.actions(SCRIPT, diagnostics)
    assert sorted(titles(actions)) == ["Ignore `bold-name` on this line", "Write `SHY`", "Write `SHY`"]


async def test_a_fix_that_touches_two_cells_edits_both(wire: Wire) -> None:
    wire.configuration = {}
    await wire.initialize(VSCODE)
    wire.open_notebook(BOOK, {FIRST: "a = SOURCE", SECOND: "LEAK"}, version=3)
    diagnostics = await wire.diagnostics(SECOND)
    [fix, ignore] = await wire.actions(SECOND, diagnostics)
    assert fix["edit"]["documentChanges"] == [
        {
            "textDocument": {"uri": FIRST, "version": 1},
            "edits": [{"range": span(0, 4, 10), "newText": "TRAIN"}],
        },
        {
            "textDocument": {"uri": SECOND, "version": 1},
            "edits": [{"range": span(0, 0, 4), "newText": "FINE"}],
        },
    ]
    [change] = ignore["edit"]["documentChanges"]
    assert change["textDocument"]["uri"] == SECOND


async def test_an_edit_in_another_cell_also_makes_a_diagnostic_old(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {FIRST: "a = SOURCE", SECOND: "LEAK"})
    diagnostics = await wire.diagnostics(SECOND)
    document = {"uri": FIRST, "version": 2}
    wire.change_notebook(BOOK, 2, textContent=[{"document": document, "changes": [{"text": "x\nSOURCE"}]}])
    assert await wire.actions(SECOND, diagnostics) == []


async def test_all_safe_fixes_of_a_script_are_applied_at_once(wire: Wire) -> None:
    await opened(wire, "BAD, BOLD, BAD")
    for only in (["source.fixAll.mlsense"], ["source.fixAll"], ["source"]):
        [action] = await wire.actions(SCRIPT, [], only=only)
        assert action["kind"] == "source.fixAll.mlsense"
        assert action["edit"]["changes"][SCRIPT] == [
            {"range": span(0, 0, 3), "newText": "GOOD"},
            {"range": span(0, 11, 14), "newText": "GOOD"},
        ]


async def test_fixing_all_takes_shared_edits_once_and_leaves_out_what_collides(wire: Wire) -> None:
    """Both leaks replace the same SOURCE by the same word."""
    await opened(wire, "SOURCE LEAK LEAK")
    [action] = await wire.actions(SCRIPT, [], only=["source.fixAll"])
    assert [edit["newText"] for edit in action["edit"]["changes"][SCRIPT]] == ["TRAIN", "FINE", "FINE"]


async def test_fixing_all_right_after_an_edit_waits_for_the_analysis(wire: Wire) -> None:
    await opened(wire, "fine")
    wire.change(SCRIPT, 2, "\nBAD")
    [action] = await wire.actions(SCRIPT, [], only=["source.fixAll.mlsense"])
    assert action["edit"]["changes"][SCRIPT] == [{"range": span(1, 0, 3), "newText": "GOOD"}]


async def test_fixing_all_is_not_offered_where_nothing_is_safe(wire: Wire) -> None:
    await opened(wire, "BOLD")
    assert await wire.actions(SCRIPT, [], only=["source.fixAll"]) == []


async def test_a_menu_without_a_filter_shows_fixing_all_too(wire: Wire) -> None:
    diagnostics = await opened(wire, "BAD")
    assert [action["kind"] for action in await wire.actions(SCRIPT, diagnostics)] == [
        "quickfix",
        "quickfix",
        "source.fixAll.mlsense",
    ]
    assert await wire.actions(SCRIPT, diagnostics, only=["refactor"]) == []


async def test_in_a_notebook_only_all_cells_are_fixed_at_once(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {FIRST: "BAD", SECOND: "BAD"})
    await wire.diagnostics(SECOND)
    assert await wire.actions(FIRST, [], only=["source.fixAll"]) == []
    [action] = await wire.actions(FIRST, [], only=["notebook.source.fixAll"])
    assert action["kind"] == "notebook.source.fixAll.mlsense"
    assert action["edit"]["changes"].keys() == {FIRST, SECOND}


async def test_diagnostics_of_others_or_without_our_data_are_passed_over(wire: Wire) -> None:
    [diagnostic] = await opened(wire, "BOLD")
    data = diagnostic["data"]
    strangers = [
        {**diagnostic, "source": "Ruff"},
        {key: value for key, value in diagnostic.items() if key != "data"},
        {**diagnostic, "data": 7},
        {**diagnostic, "data": {"revision": data["revision"]}},
        {**diagnostic, "data": {**data, "fix": {"title": "x", "safety": "safe", "edits": {SCRIPT: [{}]}}}},
        {**diagnostic, "data": {**data, "fix": {"title": "x", "safety": "safe", "edits": {"file:///b": []}}}},
    ]
    assert await wire.actions(SCRIPT, strangers) == []


async def test_nothing_is_offered_for_a_document_that_is_not_open(wire: Wire) -> None:
    await wire.initialize()
    assert await wire.actions("file:///unknown.py", []) is None
