"""A file that can hold any code is loaded from where others put it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.library import in_force
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import calls_at
from mlsense.semantics.core import constant, text_of
from mlsense.semantics.events import Called
from mlsense.semantics.values import Const, Method, Opaque, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value

_UNPICKLE = frozenset(
    """
    pickle.load pickle.loads joblib.load dill.load dill.loads cloudpickle.load cloudpickle.loads pandas.read_pickle
    """.split()
)
_FETCH = frozenset(
    """
    urllib.request.urlopen requests.get requests.request httpx.get huggingface_hub.hf_hub_download gdown.download
    wget.download
    """.split()
)
_FETCH_TO_FILE = frozenset("urllib.request.urlretrieve gdown.download wget.download".split())
# Since this release of PyTorch `torch.load` takes nothing but weights, unless it is told to.
_SAFE_SINCE = (2, 6)


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_unpickles, Called):
        fetched = _fetched(trace, event)
        found = location(trace, event.call)
        if fetched is None or found is None or (event.callee.name == "torch.load" and _only_weights(trace, event)):
            continue
        yield Draft(
            f"`{event.callee.name}` runs whatever code the file holds, and this one comes from the network: whoever "
            f"can put a file there runs code on this machine. {_instead(event)}",
            found,
            related(trace, (fetched.call, "it is fetched here")),
            _only(trace, event),
        )
    for event in trace.that(_takes_code, Called):
        found = location(trace, event.call)
        if found is not None and _fetched(trace, event) is None and not _is_own(trace, event):
            yield Draft(
                "`weights_only=False` lets the file run any code while it is loaded: only for files of your own. "
                "State dicts and plain tensors load without it.",
                found,
                fix=_only(trace, event),
                severity=Severity.INFORMATION,
            )


def _unpickles(event: Called) -> bool:
    name = event.callee.name
    return isinstance(event.callee, Symbol) and (name in _UNPICKLE or name == "torch.load") and bool(event.args)


def _takes_code(event: Called) -> bool:
    symbol = isinstance(event.callee, Symbol) and event.callee.name == "torch.load"
    return symbol and constant(event.argument(None, "weights_only") or Const.of(True)) is False


def _only_weights(trace: Trace, event: Called) -> bool:
    """Whether `torch.load` refuses all but weights, by what it is told or by default; also where that is not known."""
    told = event.argument(None, "weights_only")
    if told is not None:
        return constant(told) is not False
    force = in_force(trace.versions, "torch")
    numbers = force.version.split(".")[:2] if force is not None and force.version is not None else []
    return not all(number.isdigit() for number in numbers) or tuple(map(int, numbers)) >= _SAFE_SINCE or not numbers


def _fetched(trace: Trace, event: Called) -> Called | None:
    """The call that brought the file, or its bytes, from the network."""
    value: Value | None = event.args[0] if event.args else None
    if isinstance(value, Method):
        value = value.receiver
    thing = event.object(value)
    path = text_of(value)
    if isinstance(thing, Opaque) and thing.symbol in ("builtins.open", "pathlib.Path") and thing.parts:
        path = text_of(thing.parts[0])
    if path is not None:
        brought = trace.that(_fetches_to_file, Called)
        return next((each for each in brought if _foreign(each) and path in _paths(each)), None)
    return next((each for each in calls_at(trace, value) if each.callee.name in _FETCH and _foreign(each)), None)


def _fetches_to_file(event: Called) -> bool:
    return isinstance(event.callee, Symbol) and event.callee.name in _FETCH_TO_FILE


def _foreign(event: Called) -> bool:
    """Whether it is not known to be a file of this machine."""
    first = text_of(event.args[0]) if event.args else None
    return first is None or not first.startswith(("file:", "http://localhost", "http://127.0.0.1"))


def _paths(event: Called) -> set[str]:
    values = (*event.args[1:2], *(value for name, value in event.keywords if name in ("filename", "out", "output")))
    return {path for value in values if (path := text_of(value)) is not None}


def _is_own(trace: Trace, event: Called) -> bool:
    """Whether the program may have saved the file itself."""
    path = text_of(event.args[0]) if event.args else None
    saved = [text_of(each.argument(1, "f")) for each in trace.that(_saves, Called)]
    return bool(saved) and (path is None or path in saved or None in saved)


def _saves(event: Called) -> bool:
    return isinstance(event.callee, Symbol) and event.callee.name == "torch.save"


def _instead(event: Called) -> str:
    if event.callee.name == "torch.load":
        return "With `weights_only=True` it takes nothing but tensors and plain values."
    return "Fetch a format that holds data alone (safetensors, ONNX, skops, Parquet), or compare a hash before."


def _only(trace: Trace, event: Called) -> Fix | None:
    call = node_at(trace, event.call)
    if event.callee.name != "torch.load" or not isinstance(call, ast.Call):
        return None
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "weights_only"), None)
    if not isinstance(given, ast.Constant):
        return None
    return Fix.of("Set `weights_only=True`", "unsafe", editing.replaced(trace, place_in(event.call, given), "True"))


RULE = Rule(
    name="pickle-untrusted",
    family="io",
    severity=Severity.WARNING,
    summary="A pickle from the network is loaded, which runs whatever code it holds.",
    finds="""
        `pickle.load`, `joblib.load`, `pd.read_pickle` and `torch.load` of what the program has just fetched with
        `urlopen`, `urlretrieve`, `requests.get`, `hf_hub_download`, `gdown` or `wget`. As information also
        `torch.load(..., weights_only=False)` of a file that the program does not save itself.
        """,
    matters="""
        A pickle is a program: loading one runs it. Models with such code have been found on public hubs. Since PyTorch
        2.6 `torch.load` takes nothing but weights by default; `weights_only=False` takes that back, and older versions
        need `weights_only=True`.
        """,
    silent="""
        Files of this machine, files that the program writes itself, `weights_only=True`, and files of which it is not
        known where they come from.
        """,
    repair="""
        Sets `weights_only=True`. It is for you to accept: a file that holds whole objects then raises, and says which
        classes it wants.
        """,
    bad=(
        example(
            """
            import pickle
            from pathlib import Path
            from urllib.request import urlopen

            Path("model.pkl").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
            address = Path("model.pkl").absolute().as_uri()
            model = pickle.load(urlopen(address))  # <- pickle-untrusted
            print(model)
            """
        ),
        example(
            """
            from pathlib import Path
            from urllib.request import urlretrieve

            import joblib
            from sklearn.datasets import load_iris
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            joblib.dump(DecisionTreeClassifier().fit(X, y), "there.joblib")
            urlretrieve(Path("there.joblib").absolute().as_uri(), "model.joblib")
            model = joblib.load("model.joblib")  # <- pickle-untrusted
            print(model.predict(X[:2]))
            """
        ),
        example(
            """
            import pickle
            import urllib.request
            from pathlib import Path

            Path("table.pkl").write_bytes(pickle.dumps([1, 2, 3]))
            urllib.request.urlretrieve(Path("table.pkl").absolute().as_uri(), "copy.pkl")
            with open("copy.pkl", "rb") as file:
                print(pickle.load(file))  # <- pickle-untrusted
            """
        ),
        example(
            """
            from pathlib import Path

            import torch

            torch.save({"weight": torch.ones(2)}, "run.pt")
            Path("run.pt").rename("model.pt")
            state = torch.load("model.pt", weights_only=False)  # <- pickle-untrusted
            print(state["weight"])
            """
        ),
    ),
    good=(
        example(
            """
            import pickle

            with open("model.pkl", "wb") as file:
                pickle.dump({"weights": [1.0, 2.0]}, file)
            with open("model.pkl", "rb") as file:
                print(pickle.load(file))
            """
        ),
        example(
            """
            import torch

            torch.save({"weight": torch.ones(2)}, "model.pt")
            print(torch.load("model.pt"))
            """
        ),
        example(
            """
            import torch

            torch.save({"epoch": 3, "model": torch.nn.Linear(2, 1)}, "run.pt")
            run = torch.load("run.pt", weights_only=False)
            print(run["epoch"])
            """
        ),
        example(
            """
            import json
            from pathlib import Path
            from urllib.request import urlopen

            Path("model.json").write_text(json.dumps({"weights": [1.0, 2.0]}))
            print(json.load(urlopen(Path("model.json").absolute().as_uri())))
            """
        ),
        example(
            """
            import joblib
            from sklearn.datasets import load_iris
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            joblib.dump(DecisionTreeClassifier().fit(X, y), "model.joblib")
            print(joblib.load("model.joblib").predict(X[:2]))
            """
        ),
        example(
            """
            import sys
            from pathlib import Path
            from urllib.request import urlretrieve

            import torch

            torch.save({"weight": torch.ones(2)}, "there.pt")
            urlretrieve(Path("there.pt").absolute().as_uri(), "model.pt")
            print(torch.load("model.pt", weights_only=True), len(sys.argv))
            """
        ),
    ),
    check=check,
    references=("Python documentation, [pickle](https://docs.python.org/3/library/pickle.html)",),
)
