"""Writes what package.json says of the packs and of the rules: their names, severities and options in the schemas.

With --check, changes nothing and ends with 1 if package.json is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "package.json"

sys.path.insert(0, str(ROOT / "server"))

from mlsense.configuration import LEVELS, PRESETS, SEVERITY  # noqa: E402
from mlsense.rules.registry import all_rules  # noqa: E402
from mlsense.rules.rule import Rule  # noqa: E402
from mlsense.snippets.packs import STAGES  # noqa: E402


def current(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the schemas of the rules and the packs as they are now."""
    rules = sorted(all_rules(), key=lambda rule: rule.name)
    manifest = json.loads(json.dumps(manifest))
    settings = manifest["contributes"]["configuration"]["properties"]
    for name in ("mlsense.select", "mlsense.ignore"):
        settings[name]["items"] = {
            "type": "string",
            "enum": [rule.name for rule in rules],
            "markdownEnumDescriptions": [rule.summary for rule in rules],
        }
    settings["mlsense.preset"]["enum"] = [*PRESETS, None]
    settings["mlsense.rules"]["properties"] = {rule.name: schema(rule) for rule in rules}
    # Without a language of its own, each snippet's `scope` says where it is offered.
    packs = [path for stage in STAGES if (path := ROOT / "snippets" / f"{stage}.code-snippets").is_file()]
    manifest["contributes"]["snippets"] = [{"path": f"./{path.relative_to(ROOT).as_posix()}"} for path in packs]
    return manifest


def schema(rule: Rule) -> dict[str, Any]:
    """What may be set for a rule: a level, or an object with a level and values of its options."""
    level = {
        "type": "string",
        "enum": list(LEVELS),
        "default": rule.severity.value if rule.recommended else "off",
    }
    properties = {SEVERITY: level, **{option.name: option.schema() for option in rule.options}}
    return {
        "anyOf": [level, {"type": "object", "additionalProperties": False, "properties": properties}],
        "default": level["default"],
        "markdownDescription": f"{rule.summary} ([page]({rule.url}))",
    }


def main() -> int:
    text = MANIFEST.read_text("utf-8")
    fresh = json.dumps(current(json.loads(text)), indent=2, ensure_ascii=False) + "\n"
    if fresh == text:
        return 0
    if "--check" in sys.argv[1:]:
        print(
            "package.json is out of date: run `python scripts/manifest.py`.",
            file=sys.stderr,
        )
        return 1
    MANIFEST.write_text(fresh, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
