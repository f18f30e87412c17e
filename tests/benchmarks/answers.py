"""What a completion and a hover cost: MLSense beside jedi-language-server and `ty server`, in one run.

Starts each server as an editor does where nothing else completes Python, with the libraries of the Python that runs
this, and asks the same questions of the same script, after an edit each time and once the server is at rest again.
Counted is the CPU time of the server's whole process tree, and the time to the answer; `right` says how many of the
answers had in them what they should. The first answers are left out: they are given apart, as cold ones. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from servers import Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from servers import Answered

_SERVER = Path(__file__).resolve().parents[2] / "server"
_PROGRAM = '''\
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def remove_outliers(frame, column, limit=3.0):
    """Drop the rows in which a column is far from its mean."""
    z = (frame[column] - frame[column].mean()) / frame[column].std()
    return frame[z.abs() < limit]


wine = load_wine(as_frame=True)
df = wine.frame
X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="target"), df["target"], random_state=0)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
model.fit(X_train, y_train)
print(model.score(X_test, y_test))
frame = pd.DataFrame({"area": [1.0, 2.0], "price": [3.0, 4.0]})
'''


class Question(NamedTuple):
    """A line that is added to the program with `|` for the caret, and a word that a good answer has in it."""

    name: str
    method: str
    line: str
    word: str


QUESTIONS = (
    Question("own function", "completion", "x = remove_o|", "remove_outliers"),
    Question("frame.", "completion", "frame.|", "groupby"),
    Question('frame["', "completion", 'frame["|"]', "area"),
    Question("keyword", "completion", "LogisticRegression(|)", "max_iter"),
    Question('solver="', "completion", 'LogisticRegression(solver="|")', "lbfgs"),
    Question("set_params(", "completion", "model.set_params(|)", "logisticregression__C"),
    Question("import", "completion", "RandomFor|", "RandomForestClassifier"),
    Question("np.", "completion", "np.|", "concatenate"),
    Question("own function", "hover", "remove_out|liers(df, 'ash')", "far from its mean"),
    Question("class", "hover", "Logistic|Regression()", "LogisticRegression"),
    Question("parameter", "hover", "LogisticRegression(max_it|er=500)", "max_iter"),
    Question("value", "hover", 'LogisticRegression(solver="sa|ga")', "saga"),
    Question("method", "hover", "frame.fill|na(0)", "fillna"),
    Question("variable", "hover", "X_tr|ain", "X_train"),
)


class Rival(NamedTuple):
    """A server to measure: how it is started, with which options and variables."""

    name: str
    command: tuple[str, ...]
    options: dict[str, Any]
    environment: dict[str, str]


def rivals(jedi: str | None) -> list[Rival]:
    """MLSense out of this repository, and those of the others that are installed."""
    python, prefix = sys.executable, sys.prefix
    options = {"otherPythonServers": [], "interpreter": python}
    found = [Rival("mlsense", (python, "-m", "mlsense", "server"), options, {"PYTHONPATH": str(_SERVER)})]
    path = os.pathsep.join((str(Path(python).parent), os.environ.get("PATH", "")))
    program = shutil.which(jedi or "jedi-language-server", path=path)
    if program is not None:
        found.append(Rival("jedi-ls", (program,), {"workspace": {"environmentPath": python}}, {}))
    program = shutil.which("ty", path=path)
    if program is not None:
        found.append(Rival("ty", (program, "server"), {}, {"VIRTUAL_ENV": prefix}))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, metavar="N", help="answers to each question (default: 10)")
    parser.add_argument("--cold", type=int, default=3, metavar="N", help="first answers that are left out (default: 3)")
    parser.add_argument("--only", nargs="*", metavar="SERVER", help="mlsense, jedi-ls, ty (default: all installed)")
    parser.add_argument("--jedi", metavar="PROGRAM", help="jedi-language-server, if it is not beside this Python")
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("needs Linux: CPU times of other processes are read from its clocks", file=sys.stderr)
        return 2
    servers = [rival for rival in rivals(arguments.jedi) if not arguments.only or rival.name in arguments.only]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; {arguments.times} answers each")
    print("CPU ms, median (worst), wall ms, median, right answers; then the first answer's CPU and wall ms\n")
    print(f"{'':>24}" + "".join(f"{rival.name:>48}" for rival in servers))
    measured = {rival.name: _measured(rival, arguments.times, arguments.cold) for rival in servers}
    for number, question in enumerate(QUESTIONS):
        row = f"{question.method + ' ' + question.name:>24}"
        for rival in servers:
            answers, warm = measured[rival.name][0][number], measured[rival.name][0][number][arguments.cold :]
            cpu = f"{median(each.cpu for each in warm):.1f} ({max(each.cpu for each in warm):.0f})"
            right = sum(_is_right(each.answer, question) for each in warm)
            cold = f"{answers[0].cpu:.0f}/{answers[0].wall:.0f}"
            row += f"{cpu:>16}{median(each.wall for each in warm):>8.1f}{f'{right}/{len(warm)}':>8}{cold:>16}"
        print(row)
    print(f"{'memory, MB':>24}" + "".join(f"{measured[rival.name][1]:>48.0f}" for rival in servers))
    return 0


def _measured(rival: Rival, times: int, cold: int) -> tuple[list[list[Answered]], float]:
    """The answers to each question by a server that was started for them, and its memory in the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(rival.command, folder, rival.environment, rival.options)
        try:
            found = []
            for number, question in enumerate(QUESTIONS):
                texts, place = _texts(question, times + cold)
                method = f"textDocument/{question.method}"
                found.append(server.answers(folder / f"script{number}.py", texts, method, place))
            return found, server.memory()
        finally:
            server.stop()


def _texts(question: Question, count: int) -> tuple[Sequence[str], tuple[int, int]]:
    """Texts that differ in a number in the line before the question, and the place of the caret in each."""
    line = question.line.replace("|", "", 1)
    place = (_PROGRAM.count("\n") + 1, question.line.index("|"))
    return [f"{_PROGRAM}number = {number}\n{line}\n" for number in range(count)], place


def _is_right(answer: Any, question: Question) -> bool:
    if question.method == "hover":
        return question.word in json.dumps(answer)
    items = answer.get("items", ()) if isinstance(answer, dict) else answer or ()
    return any(question.word in item["label"] for item in items)


if __name__ == "__main__":
    sys.exit(main())
