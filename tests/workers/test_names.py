"""What jedi knows of names, and what it must not do to know it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlsense.workers.names import Names

SCRIPT = '''\
def scale(values, factor=2):
    """Scale values.

    Parameters
    ----------
    values : list
        What to scale.
    """
    return values

class Model:
    def fit(self, X): return self
    def fitness(self): pass

model = Model()
'''


@pytest.fixture(scope="module")
def names() -> Names:
    return Names()


class Program:
    """A text with `|` where the caret is, in a folder."""

    def __init__(self, text: str, folder: Path, libraries: tuple[str, ...] = ()) -> None:
        self.text = text.replace("|", "", 1)
        self.place: dict[str, Any] = {
            "text": self.text,
            "offset": text.index("|"),
            "path": str(folder / "train.py"),
            "sys_path": libraries,
        }


def labels(answer: dict[str, Any]) -> list[str]:
    return [label for label, _ in answer["entries"]]


def test_names_of_the_program_are_completed(names: Names, tmp_path: Path) -> None:
    answer = names.complete(**Program(SCRIPT + "model.fi|", tmp_path).place)
    assert answer["entries"] == [["fit", "function"], ["fitness", "function"]]
    assert answer["incomplete"] is False
    assert ["factor=", "parameter"] in names.complete(**Program(SCRIPT + "scale(fa|", tmp_path).place)["entries"]


@pytest.mark.parametrize("text", ["# sc|", "x = 1  # sc|", "def f():\n    pass\n  # sc|\n", "'sc|", "d['|", "x = 1.|"])
def test_where_no_name_fits_there_are_none(names: Names, tmp_path: Path, text: str) -> None:
    assert names.complete(**Program(SCRIPT + "d = {'key': 1}\n" + text, tmp_path).place)["entries"] == []


@pytest.mark.parametrize("text", ["f'{sc|", "# a comment\nsc|", "x = '#'; sc|"])
def test_what_only_looks_like_a_comment_or_a_string_is_none(names: Names, tmp_path: Path, text: str) -> None:
    assert "scale" in labels(names.complete(**Program(SCRIPT + text, tmp_path).place))


def test_an_entry_is_documented_as_long_as_its_list_is_the_last(names: Names, tmp_path: Path) -> None:
    answer = names.complete(**Program(SCRIPT + "sca|", tmp_path).place)
    index = labels(answer).index("scale")
    documentation = names.document(answer["list"], index)
    assert documentation is not None
    assert documentation["detail"] == "scale(values, factor=2)"
    assert documentation["text"].startswith("Scale values.\n\n**Parameters**")
    names.complete(**Program("x|", tmp_path).place)
    assert names.document(answer["list"], index) is None
    assert Names().document(answer["list"], index) is None


def test_a_name_is_explained(names: Names, tmp_path: Path) -> None:
    program = Program(SCRIPT + "sc|ale", tmp_path)
    explained = names.explain(**program.place)
    assert explained is not None
    assert explained["text"].startswith("```python\ndef scale(values, factor=2)\n```\n\nScale values.")
    assert program.text[explained["start"] : explained["end"]] == "scale"
    assert names.explain(**Program(SCRIPT + "mod|el", tmp_path).place)["text"] == "```python\nmodel: Model\n```"
    for nothing in ("# sc|ale", "scale  |  ", "'sc|ale'"):
        assert names.explain(**Program(SCRIPT + nothing, tmp_path).place) is None


def test_a_call_has_its_signature(names: Names, tmp_path: Path) -> None:
    [signature] = names.signatures(**Program(SCRIPT + "scale([1], |", tmp_path).place)
    assert (signature["label"], signature["active"], signature["text"]) == (
        "scale(values, factor=2)",
        1,
        "Scale values.",
    )
    assert signature["parameters"] == [
        {"label": "values", "text": "list\n\nWhat to scale."},
        {"label": "factor=2", "text": ""},
    ]
    assert names.signatures(**Program(SCRIPT + "(|", tmp_path).place) == []


def test_a_definition_is_found_here_and_in_other_files(names: Names, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("x = 1\ndef helper(): pass\n")
    text = "from other import helper\ndef own(): pass\nown(); helper()"
    program = Program(text.replace("own()", "o|wn()", 2).replace("o|wn", "own", 1), tmp_path)
    [here] = names.definitions(**program.place)
    assert (here["path"], program.text[here["start"] : here["end"]]) == (None, "own")
    assert here["start"] < program.text.index("own();")
    [there] = names.definitions(**Program(text.replace("; helper", "; he|lper"), tmp_path).place)
    assert there == {
        "path": str(tmp_path / "other.py"),
        "line": 1,
        "column": 4,
        "length": 6,
        "line_text": "def helper(): pass",
    }


def test_libraries_are_where_it_is_told(names: Names, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "library.py").write_text("def useful(): 'Of use.'\n")
    text = "import library\nlibrary.us|"
    assert labels(names.complete(**Program(text, tmp_path / "work").place)) == []
    assert labels(names.complete(**Program(text, tmp_path / "work", (str(site),)).place)) == ["useful"]
    help = names.help("library.useful", str(tmp_path / "a.py"), (str(site),))
    assert help is not None
    assert (help["text"], help["signature"]) == ("Of use.", "useful()")


def test_what_the_worker_brought_along_for_itself_is_not_offered(names: Names, tmp_path: Path) -> None:
    offered = labels(names.complete(**Program("import |", tmp_path).place))
    assert {"json", "math", "pathlib"} <= set(offered)
    assert {"jedi", "parso", "mlsense"}.isdisjoint(offered)


def test_line_ends_and_wide_characters_are_counted_as_ours(names: Names, tmp_path: Path) -> None:
    text = "'🧪'; x = '\x0c\u2028'\r\ndef own(): pass\rown; '🧪'; o|wn\n"
    program = Program(text, tmp_path)
    [here] = names.definitions(**program.place)
    assert program.text[here["start"] : here["end"]] == "own"
    assert here["start"] == program.text.index("own")


HOSTILE = """
import json, sys
from mlsense.workers.names import Names
folder, site = sys.argv[1:3]
text = "import compiled, hostile, numpy as np, gi\\n"
names = Names()
for rest in ("compiled.", "hostile.", "np.arange(3).", "gi.", "from compiled import "):
    names.complete(text + rest, len(text + rest), folder + "/a.py", [site, *sys.argv[3:]])
    names.explain(text + rest, len(text + rest) - 1, folder + "/a.py", [site, *sys.argv[3:]])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_nothing_of_the_user_is_ever_imported(tmp_path: Path) -> None:
    """Not even a compiled module, which has no source to read: importing it would run it."""
    site = tmp_path / "site"
    site.mkdir()
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w')\n"
    (site / "hostile.py").write_text(code)
    (tmp_path / "math.py").write_text(code)
    # As good as compiled: there is a loader for it, and no source.
    (site / "x.py").write_text(code)
    subprocess.run(
        [sys.executable, "-c", "import py_compile; py_compile.compile('x.py', 'compiled.pyc')"], cwd=site, check=True
    )
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, tmp_path, site, *(path for path in sys.path if "site-packages" in path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "server")},
    )
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
    assert {"compiled", "hostile", "numpy", "gi"}.isdisjoint(json.loads(done.stdout))
