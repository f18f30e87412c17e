from __future__ import annotations

from lsp.wire import PLAIN, VSCODE, Wire, span

URI = "file:///work%20space/train.py"


async def test_a_finding_becomes_a_diagnostic_with_all_that_code_actions_need(wire: Wire) -> None:
    await wire.initialize(PLAIN)
    wire.open(URI, "x = BAD\n", version=7)

    [diagnostic] = await wire.diagnostics(URI, version=7)

    page = "https://example.org/rules/bad-name.md"
    assert diagnostic.pop("data") == {
        "rule": "bad-name",
        "url": page,
        "revision": 1,
        "fix": {
            "title": "Write `GOOD`",
            "safety": "safe",
            "edits": {URI: [{"range": span(0, 4, 7), "newText": "GOOD"}]},
        },
    }
    assert diagnostic == {
        "range": span(0, 4, 7),
        "severity": 2,
        "code": "bad-name",
        "codeDescription": {"href": page},
        "source": "MLSense",
        "message": "`bad-name` is here.",
    }
