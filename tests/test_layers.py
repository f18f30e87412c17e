"""Imports go one way, and what is heavy stays out of the process that analyses.

Every import counts, wherever it stands: at the top of a module, inside a function, or for types only.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

SERVER = Path(__file__).resolve().parent.parent / "server"
PACKAGE = SERVER / "mlsense"

# What each part may import of the others, besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "text": set(),
    "answers": {"text"},
    "knowledge": set(),
    "datafiles": set(),
    "snippets": set(),
    "workers": {"text", "syntax", "workspace", "environment"},
    "syntax": {"text"},
    "semantics": {"text", "syntax", "knowledge", "datafiles"},
    "rules": {"text", "syntax", "semantics", "knowledge", "datafiles"},
    "completion": {"text", "answers", "syntax", "semantics", "rules", "knowledge", "explaining", "snippets"},
    "analysis": {"text", "answers", "syntax", "semantics", "rules", "knowledge"},
    "explaining": {"knowledge"},
    "pointing": {"text", "syntax", "semantics", "rules"},
    "configuration": {"rules", "knowledge", "environment", "analysis"},
    "measuring": {"text", "syntax", "semantics", "rules", "knowledge"},
    "workspace": {"text", "syntax", "datafiles"},
    "environment": {"knowledge"},
    "lsp": {
        "text",
        "answers",
        "syntax",
        "semantics",
        "rules",
        "knowledge",
        "analysis",
        "configuration",
        "explaining",
        "completion",
        "measuring",
        "pointing",
        "snippets",
        "workspace",
        "environment",
        "workers",
        "mlsense",
    },
    "cli": {
        "text",
        "syntax",
        "semantics",
        "rules",
        "analysis",
        "configuration",
        "workspace",
        "environment",
        "lsp",
        "mlsense",
    },
    "__main__": {"cli"},
    "mlsense": set(),
}
# Packages that are not Python's own, and the parts that may import them.
FOREIGN: dict[str, set[str]] = {
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "jedi": {"workers"},
    "rich": {"cli"},
    "pathspec": {"cli"},
    "tomli": {"environment"},
}
HEAVY = ("sklearn", "pandas", "numpy", "scipy", "jedi", "pygls", "lsprotocol", "rich", "pathspec")


def part_of(module: str) -> str:
    """`mlsense.rules.leakage.x` -> `rules`; the package itself -> `mlsense`."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "mlsense"


def module_of(path: Path) -> str:
    names = path.relative_to(SERVER).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imports_of(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports; `from a import b` is `a.b` where that is a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = module_of(path).split(".")
                keep = len(home) - node.level + (path.name == "__init__.py")
                base = ".".join([*home[:keep], *([base] if base else [])])
            found.update(f"{base}.{alias.name}" if _is_module(f"{base}.{alias.name}") else base for alias in node.names)
    return found


def _is_module(name: str) -> bool:
    path = SERVER.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(module_of(path))
    for name in imports_of(path):
        if name.partition(".")[0] != "mlsense":
            continue
        other = part_of(name)
        assert other == part or other in MAY_IMPORT[part], f"{part} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_some_parts_import_what_is_not_pythons_own(path: Path) -> None:
    part = part_of(module_of(path))
    for name in imports_of(path):
        root = name.partition(".")[0]
        if root != "mlsense" and root not in sys.stdlib_module_names:
            assert part in FOREIGN.get(root, set()), f"{part} imports {name}"


def test_every_part_is_known_and_the_order_has_no_circle() -> None:
    parts = {part_of(module_of(path)) for path in FILES}
    assert parts <= MAY_IMPORT.keys()
    left = dict(MAY_IMPORT)
    while left:
        free = [part for part, others in left.items() if not others & left.keys()]
        assert free, f"a circle among {sorted(left)}"
        for part in free:
            del left[part]


def test_the_walk_sees_imports_wherever_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "SERVER", tmp_path)
    package = tmp_path / "mlsense" / "rules"
    package.mkdir(parents=True)
    (package / "other.py").touch()
    path = package / "one.py"
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from mlsense.lsp.server import Server\n"
        "def f():\n    import pandas as pd\n    from . import other\n    from ..analysis import Report\n"
    )
    assert imports_of(path) == {"typing", "mlsense.lsp.server", "pandas", "mlsense.rules.other", "mlsense.analysis"}
    assert module_of(path) == "mlsense.rules.one"
    assert part_of("mlsense.rules.one") == "rules"


# --- what a process loads ----------------------------------------------------------------------------

PROGRAM = """\
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

df = pd.read_csv("houses.csv")
X = StandardScaler().fit_transform(df[["area"]])
X_train, X_test, y_train, y_test = train_test_split(X, df["price"])
print(DecisionTreeRegressor().fit(X_train, y_train).score(X_test, y_test))
"""


def loaded_after(code: str, folder: Path) -> set[str]:
    """Top-level names of the modules a fresh process has after running this."""
    done = subprocess.run(
        [sys.executable, "-c", code + "\nprint('\\n'.join(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=folder,
        env={"PYTHONPATH": str(SERVER), "PYTHONIOENCODING": "utf-8"},
    )
    return {name.partition(".")[0] for name in done.stdout.split("\n")[-10_000:]}


def test_an_analysis_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom mlsense.analysis import Analyser\nfrom mlsense.syntax import script\n"
        f"report = Analyser().analyse(script('a.py', {PROGRAM!r}))\n"
        "assert [finding.rule for finding in report.findings] == ['fit-before-split'], report.findings"
    )
    loaded = loaded_after(code, tmp_path)
    assert "mlsense" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_server_loads_nothing_of_what_its_worker_needs(tmp_path: Path) -> None:
    code = "import sys\nfrom mlsense.lsp.transport import default_server\ndefault_server()._work.load()"
    loaded = loaded_after(code, tmp_path)
    assert {"mlsense", "pygls"} <= loaded
    assert loaded.isdisjoint({"jedi", "parso", "sklearn", "pandas", "numpy", "scipy"})


def test_the_command_line_loads_nothing_heavy(tmp_path: Path) -> None:
    """`rich` and `pathspec` come in only where there is something for them to do."""
    (tmp_path / "a.py").write_text(PROGRAM, encoding="utf-8")
    code = "import sys\nfrom mlsense.cli import main\nassert main(['check', 'a.py', '--output-format', 'json']) == 1"
    loaded = loaded_after(code, tmp_path)
    assert "mlsense" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_what_is_called_heavy_is_installed_here() -> None:
    """Else the two tests above could not fail."""
    seen: dict[str, bool] = defaultdict(bool)
    for name in HEAVY:
        done = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, timeout=120, check=False)
        seen[name] = done.returncode == 0
    assert all(seen.values()), seen
