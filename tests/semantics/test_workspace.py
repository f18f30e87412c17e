"""Imports of other files of the workspace: followed once, as an import runs them, and again when they change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlsense.analysis import Analyser, Report
from mlsense.semantics.values import Data
from mlsense.syntax import notebook_of_cells, script
from mlsense.workspace import Folder

SCALE = (
    "from sklearn.preprocessing import StandardScaler\ndef scale(t):\n    return StandardScaler().fit_transform(t)\n"
)
DATA = 'import pandas as pd\ndf = pd.read_csv("a.csv")\nX, y = df.drop(columns="y"), df["y"]\n'
TEST = """\
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
a, b, c, d = train_test_split(Z, y)
print(LogisticRegression().fit(a, c).score(b, d))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def write(folder: Path, **files: str) -> None:
    """`a__b="..."` writes a/b.py, `a__init="..."` writes a/__init__.py."""
    for name, text in files.items():
        *folders, last = name.split("__")
        path = folder.joinpath(*folders, "__init__.py" if last == "init" else f"{last}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def check(path: Path, text: str, analyser: Analyser | None = None) -> Report:
    return (analyser or Analyser(Folder())).analyse(script(str(path), text))


def lines(report: Report, text: str) -> list[tuple[str, int]]:
    """Rules and the lines, from 1, they are reported on."""
    index = script("x.py", text).cells[0].source.lines
    return [(f.rule, index.position(f.location.span.start).line + 1) for f in report.findings]


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from prep import scale", "scale(X)"),
        ("from prep import scale as s", "s(X)"),
        ("from prep import *", "scale(X)"),
        ("import prep", "prep.scale(X)"),
        ("import prep as p", "p.scale(X)"),
        ("from tools.prep import scale", "scale(X)"),
        ("from tools import prep", "prep.scale(X)"),
        ("import tools.prep", "tools.prep.scale(X)"),
        ("import tools.prep as tp", "tp.scale(X)"),
        ("from tools.inner.again import scale", "scale(X)"),
        ("from tools.inner.above import scale", "scale(X)"),
        ("from folder.prep import scale", "scale(X)"),
        ("from folder import prep", "prep.scale(X)"),
        ("import folder.prep", "folder.prep.scale(X)"),
        ("from library import scale", "scale(X)"),
    ],
)
def test_a_helper_in_another_file_is_a_leak_with_all_rows_only(project: Path, imports: str, call: str) -> None:
    write(
        project,
        prep=SCALE,
        tools__init="",
        tools__prep=SCALE,
        tools__inner__init="",
        tools__inner__again="from tools.prep import scale",
        tools__inner__above="from ..prep import scale",
        folder__prep=SCALE,
        src__library=SCALE,
    )
    bad = f"{imports}\n{DATA}Z = {call}\n{TEST}"
    report = check(project / "train.py", bad)
    assert lines(report, bad) == [("fit-before-split", 5)]
    [related, *_] = report.findings[0].related
    assert related.document is not None
    assert related.document.path.endswith(("prep.py", "library.py"))
    shown = related.document.cells[related.location.cell].source.text[slice(*related.location.span)]
    assert shown == "StandardScaler().fit_transform(t)"

    good = f"{imports}\n{DATA}Z = X\n{TEST}m = {call.replace('X', 'a')}\n"
    assert lines(check(project / "train.py", good), good) == []


def test_data_made_in_another_file_has_its_rows(project: Path) -> None:
    write(project, loading=DATA)
    text = f"from loading import X, y\n{SCALE}Z = scale(X)\n{TEST}"
    report = check(project / "train.py", text)
    assert lines(report, text) == [("fit-before-split", 5)]
    assert "all rows of `read_csv(" in report.findings[0].message


def test_a_file_may_be_called_as_a_library_is(project: Path) -> None:
    write(project, datasets=DATA)
    text = f"from datasets import X, y\n{SCALE}Z = scale(X)\n{TEST}"
    assert lines(check(project / "train.py", text), text) == [("fit-before-split", 5)]


def test_a_leak_wholly_in_another_file_is_shown_at_the_call_that_leads_there(project: Path) -> None:
    write(
        project,
        everything=f"{SCALE}{DATA}def make():\n    Z = scale(X)\n" + _indented(TEST) + "    return a, b, c, d\n",
    )
    text = "import everything\nparts = everything.make()\n"
    report = check(project / "train.py", text)
    assert lines(report, text) == [("fit-before-split", 2)]
    assert "in everything.py, line" in report.findings[0].message


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_a_file_that_changes_is_followed_anew(project: Path) -> None:
    write(project, prep=SCALE, between="from prep import scale")
    text = f"from between import scale\n{DATA}Z = scale(X)\n{TEST}"
    analyser = Analyser(Folder())
    assert lines(check(project / "train.py", text, analyser), text) == [("fit-before-split", 5)]
    write(project, prep="def scale(t):\n    return t.copy()\n")
    os.utime(project / "prep.py", ns=(1, 1))
    assert lines(check(project / "train.py", text, analyser), text) == []
    write(project, prep=SCALE)
    assert lines(check(project / "train.py", text, analyser), text) == [("fit-before-split", 5)]


def test_a_new_file_is_found(project: Path) -> None:
    text = f"from prep import scale\n{DATA}Z = scale(X)\n{TEST}"
    analyser = Analyser(Folder())
    assert lines(check(project / "train.py", text, analyser), text) == []
    write(project, prep=SCALE)
    assert lines(check(project / "train.py", text, analyser), text) == [("fit-before-split", 5)]


def test_circles_of_imports_end(project: Path) -> None:
    write(project, one=f"import two\n{SCALE}", two="import one\nfrom one import scale\n")
    text = f"from one import scale\n{DATA}Z = scale(X)\n{TEST}"
    assert lines(check(project / "train.py", text), text) == [("fit-before-split", 5)]
    assert check(project / "one.py", "import two\nimport one\nx = one.scale\n").findings == ()


def test_a_main_guard_of_an_imported_file_does_not_run(project: Path) -> None:
    write(project, prep=f"{SCALE}if __name__ == '__main__':\n    scale = None\n")
    text = f"from prep import scale\n{DATA}Z = scale(X)\n{TEST}"
    assert lines(check(project / "train.py", text), text) == [("fit-before-split", 5)]


def test_a_file_that_is_no_text_and_one_that_does_not_parse_cost_only_themselves(project: Path) -> None:
    (project / "picture.py").write_bytes(b"\xff\xfe\x00\x00\x80")
    write(project, broken=f"def half(:\n    pass\n\n{SCALE}")
    text = f"import picture\nfrom broken import scale, half\n{DATA}Z = scale(X)\nhalf(Z)\n{TEST}"
    assert lines(check(project / "train.py", text), text) == [("fit-before-split", 6)]


def test_a_file_named_like_a_library_is_not_taken_for_it(project: Path) -> None:
    write(project, pandas="def read_csv(path):\n    return None\n")
    text = f"{SCALE}{DATA}Z = scale(X)\n{TEST}"
    assert lines(check(project / "train.py", text), text) == [("fit-before-split", 7)]


def test_without_a_project_only_the_own_folder_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    write(tmp_path, prep=SCALE)
    text = f"from prep import scale\n{DATA}Z = scale(X)\n{TEST}"
    assert lines(check(inner / "train.py", text), text) == []
    write(inner, prep=SCALE)
    assert lines(check(inner / "train.py", text), text) == [("fit-before-split", 5)]


def test_a_star_brings_what_a_file_lists_and_what_it_got_by_a_star_itself(project: Path) -> None:
    write(
        project,
        prep='__all__ = ["scale"]\n' + SCALE + "X = 3\n",
        more="from prep import *\nfrom sklearn.datasets import *\n",
    )
    text = DATA + "from more import *\nZ = scale(X)\n" + TEST
    assert lines(check(project / "a.py", text), text) == [("fit-before-split", 5)]
    text = "from more import *\nX, y = load_wine(return_X_y=True)\nZ = scale(X)\n" + TEST
    assert lines(check(project / "a.py", text), text) == [("fit-before-split", 3)]


@pytest.mark.parametrize("line", ["%run prep.py", "%run -i ./prep.py", "%run ../project/prep.py"])
def test_the_names_of_a_file_that_is_run_come_here(tmp_path: Path, line: str) -> None:
    project = tmp_path / "project"
    write(project, prep=SCALE)
    cells = [("code", each, None) for each in (line, DATA, "Z = scale(X)", TEST)]
    report = Analyser(Folder()).analyse(notebook_of_cells(str(project / "a.ipynb"), cells))
    assert [(found.rule, found.location.cell) for found in report.findings] == [("fit-before-split", 2)]
    assert report.trace is not None
    assert report.trace.names_may_appear


def test_a_file_that_is_run_and_not_there_may_bring_any_name(tmp_path: Path) -> None:
    for line, open_ in [("%run gone.py", True), ("%load x.py", True), ("%autoreload 2", False), ("%%time", False)]:
        cells = [("code", f"{line}\nx = 1", None), ("code", "Z = scale(x)", None)]
        trace = Analyser(Folder()).analyse(notebook_of_cells(str(tmp_path / "a.ipynb"), cells)).trace
        assert trace is not None
        assert trace.names_may_appear is open_


# --- data files --------------------------------------------------------------------------------------

READ = 'import pandas as pd\ndf = pd.read_csv("{}")\ndf\n'


def columns_of(report: Report) -> list[str] | None:
    assert report.trace is not None
    place = max(report.trace.sightings, key=lambda place: report.trace.line_of(place) or (0, 0))  # type: ignore[union-attr]
    thing = report.trace.sightings[place].object
    assert isinstance(thing, Data)
    return None if thing.columns is None else [column.name for column in thing.columns.items]


@pytest.mark.parametrize("path", ["a.csv", "./a.csv", "data/b.csv", "../a.csv", "data/../a.csv"])
def test_a_data_file_is_found_from_where_the_program_may_run(project: Path, path: str) -> None:
    (project / "data").mkdir()
    (project / "code").mkdir()
    (project / "a.csv").write_text("x,y\n1,2\n")
    (project / "data" / "b.csv").write_text("x,y\n1,2\n")
    report = check(project / "code" / "main.py", READ.format(path))
    assert columns_of(report) == ["x", "y"]


def test_a_script_may_mean_either_of_two_files_and_a_notebook_its_own(project: Path) -> None:
    (project / "code").mkdir()
    (project / "a.csv").write_text("x\n1\n")
    (project / "code" / "a.csv").write_text("y\n1\n")
    text = READ.format("a.csv")
    assert columns_of(check(project / "code" / "main.py", text)) is None
    cells = notebook_of_cells(str(project / "code" / "main.ipynb"), [("code", text, None)])
    assert columns_of(Analyser(Folder()).analyse(cells)) == ["y"]


def test_no_file_outside_of_what_is_named(project: Path) -> None:
    (project / "a.csv").write_text("x\n1\n")
    for path in ("https://example.org/a.csv", "", "b.csv", ".", str(project)):
        assert columns_of(check(project / "main.py", READ.format(path))) is None
    assert columns_of(check(project / "main.py", READ.format(project / "a.csv"))) == ["x"]


def test_a_data_file_that_changed_is_read_again(project: Path) -> None:
    path, text = project / "main.py", READ.format("a.csv") + "df.head()\n"
    analyser = Analyser(Folder())
    assert columns_of(check(path, text, analyser)) is None
    (project / "a.csv").write_text("x\n1\n")
    assert columns_of(check(path, text, analyser)) == ["x"]
    (project / "a.csv").write_text("x,y\n1,2\n")
    assert columns_of(check(path, text, analyser)) == ["x", "y"]
    (project / "a.csv").unlink()
    assert columns_of(check(path, text, analyser)) is None


def test_a_table_made_by_a_helper_in_another_file(project: Path) -> None:
    (project / "a.csv").write_text("x\n1\n")
    write(project, prep='import pandas as pd\ndef load():\n    return pd.read_csv("a.csv")\n')
    analyser = Analyser(Folder())
    text = "from prep import load\ndf = load()\ndf\n"
    assert columns_of(check(project / "main.py", text, analyser)) == ["x"]
    (project / "a.csv").write_text("x,y\n1,2\n")
    assert columns_of(check(project / "main.py", text, analyser)) == ["x", "y"]
