"""Writes which texts parameters of pandas or Matplotlib take in one release, and of which they refuse any other.

    python scripts/generate_choices.py pandas            # the installed release
    /path/to/other/venv/bin/python scripts/generate_choices.py matplotlib    # another one
    python scripts/generate_choices.py pandas --check    # writes nothing; exit 1 where the installed release differs

Every fact was tried: each function and method is called on toy data of several kinds, with each text that the release
names for the parameter (in annotations, in what it raises, in what it compares with) and with texts that mean nothing.
`takes` are the texts of which no call said what it said of those; `closed`: whatever the data, the others raised, and
what it takes is what annotations or the exception list. Where calls accept what is listed nowhere, it is not closed.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from sklearn_release.releases import Facts, at, merged, written

KNOWLEDGE = Path(__file__).parent.parent / "server" / "mlsense" / "knowledge"
FOLDER = KNOWLEDGE / "choices"
WRONG = ("mlsense", "Zz wrong 7")
# Texts that open lists take: numbers as text, types, frequencies, colours, names of columns, codecs, functions.
COMMON = (
    "", "auto", "all", "none", "None", "default", "True", "1", "0", "2.0", "0.5", "a", "b", "D", "s", "r", "k", "red",
    "C0", "0%", "float", "int", "object", "str", "utf-8", "sum", "mean", "w", "wt", "wb", "x", "y", "index", "bold",
)  # fmt: skip
LONG = 60
REFUSALS = (ValueError, TypeError, KeyError, AttributeError, AssertionError, NotImplementedError)
QUOTED = re.compile(r"'([^']{0,32})'|\"([^\"]{0,32})\"|`([^`]{0,32})`")
Call = Callable[..., object]


class Compared(str):
    """A text that remembers what it is compared with."""

    seen: ClassVar[set[str]] = set()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str) and not isinstance(other, Compared):
            Compared.seen.add(other)
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def listed(library: str) -> dict[tuple[str, str], set[str]]:
    """The texts that annotations list, in any version of the base, by the last name of the callable and parameter."""
    part = json.loads((KNOWLEDGE / "names" / f"{library}.json").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], set[str]] = {}
    for name, text in part["things"].items():
        for line in text.split("\n")[1:]:
            key, _, value = line.split("\t", 2)
            signature = value.partition("\t")[0]
            if "(" not in signature or "[" not in signature or not (key == "s" or key[0] == "."):
                continue
            short = name.rpartition(".")[2] if key in ("s", ".__init__", ".__new__") else key[1:]
            tree = ast.parse(f"def f{signature[signature.index('(') :]}: ...").body[0]
            assert isinstance(tree, ast.FunctionDef)
            for taken in (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs):
                for node in ast.walk(taken.annotation) if taken.annotation is not None else ():
                    if isinstance(node, ast.List):
                        texts = {each.value for each in node.elts if isinstance(each, ast.Constant)}
                        found.setdefault((short, taken.arg), set()).update(t for t in texts if isinstance(t, str))
    return found


class Trial:
    """One function or method, in all the settings in which it can be called."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = [call for call in calls if _outcome(call, {}) is None]

    def refusals(self, parameter: str, text: str) -> list[str | None]:
        """What each call raises; None where it does not, or for another reason."""
        return [_outcome(call, {parameter: text}) for call in self.calls]


def _outcome(call: Call, given: dict[str, str]) -> str | None:
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            call(**given)
    except REFUSALS as error:
        # Python's own word for an argument that there is no place for.
        unplaced = "unexpected keyword" in str(error) or "multiple values" in str(error)
        return None if unplaced and given else f"{type(error).__name__}: {error}"
    except Exception:
        return None if given else "failed"
    return None


def tried(
    trial: Trial, parameter: str, known: set[str], of_function: set[str], more: set[str]
) -> dict[str, Any] | None:
    """What a parameter takes; None where it does not refuse what means nothing, or there is no text it takes."""
    Compared.seen = set()
    wrong = trial.refusals(parameter, Compared(WRONG[0]))

    def same(text: str) -> bool:
        """Whether every call says of a text what it says of one that means nothing."""
        return trial.refusals(parameter, text) == [(first or "").replace(WRONG[0], text) for first in wrong]

    if not wrong or any(each is None for each in wrong) or not same(WRONG[1]):
        return None
    quoted = {next(filter(None, match), "") for text in set(wrong) for match in QUOTED.findall(text or "")}
    # `... must be one of: left, right` without quotes.
    plain = {word for text in set(wrong) for word in re.findall(r"[\w+-]+", (text or "").partition(": ")[2])}
    words = {*known, *of_function, *more, *quoted, *Compared.seen, *COMMON}
    words |= {text.upper() for text in known} | {text.title() for text in known} | {text[:1] for text in known}
    # Of a long table the ends stand for the rest.
    table = sorted(more) if len(more) > LONG and not same(min(more)) and not same(max(more)) else []
    takes = sorted({*table, *(text for text in words - {*WRONG, *table} if not same(text))})
    if not takes:
        return None
    named = known | quoted | (plain if len(plain & set(takes)) > 1 else set())
    raising = {(each or "").partition(":")[0] for each in wrong}
    closed = bool(known or len(set(takes) & quoted) > 1 or len(set(takes) & plain) > 1) and set(takes) <= named
    if not closed:
        takes = [text for text in takes if text in more]
        if not takes:
            return None
    return {"takes": takes, **({"closed": sorted(raising)} if closed else {})}


# --- pandas ------------------------------------------------------------------------------------------

LATER = ("to_sql", "to_gbq", "to_clipboard", "to_pickle", "to_hdf", "to_feather", "to_orc", "to_parquet", "to_excel",
         "to_stata", "to_latex", "to_markdown", "plot", "hist", "boxplot", "read_", "test", "show_versions",
         "eval")  # fmt: skip


def pandas_calls() -> Iterator[tuple[str, list[Call], set[str]]]:
    pd, np = importlib.import_module("pandas"), importlib.import_module("numpy")
    dates = pd.date_range("2020-01-01", periods=5)
    frames = [
        pd.DataFrame({"a": [1.0, 2, 2, 4, 3], "b": [4.0, 3, 2, 1, 5]}, index=dates),
        pd.DataFrame({"a": [1.0, np.nan, 2, 4, np.nan], "b": [np.nan, 3, 2, 1, 3]}),
        pd.DataFrame({"a": [1, 2, 2, 4, 5], "b": [4, 3, 2, 1, 0]}),
        pd.DataFrame({"a": ["x", "y", "y", "z", "x"], "b": ["u", "v", "u", "v", "u"]}),
        pd.DataFrame({"a": [1, 2, 2, 4, 5], "b": list("uvwxy"), "c": dates, "d": [True, False, True, True, False]}),
    ]
    other = {"other": [frames[2], 1], "right": [frames[2]], "left": [frames[2]], "func": ["sum", abs], "by": ["a"],
             "on": ["a"], "value": [0], "labels": [["a"], [0]], "label": ["a"], "expr": ["a > 1"], "q": [0.5],
             "cond": [frames[2] > 1], "items": [["a"]], "loc": [0], "column": ["a"], "n": [2], "columns": ["a"],
             "key": ["a"], "periods": [1], "freq": ["D"], "rule": ["2D"], "window": [2], "dtype": ["float", "str"],
             "index": ["a"], "values": ["b"], "decimals": [1], "keys": ["a"], "lower": [0], "upper": [3],
             "mapper": [str], "data": [{"a": [1, 2]}, frames[2]], "objs": [[frames[2], frames[2]]], "start": [0],
             "tz": ["UTC"], "before": [0], "after": [3], "span": [2], "com": [1], "arg": [["1", "2"], [1.5, 2.5]],
             "x": [[1.0, 2, 3, 4]], "bins": [2], "end": [3], "obj": [frames[2]], "start_time": ["00:00"],
             "end_time": ["10:00"], "time": ["00:00"], "pat": ["a"]}  # fmt: skip
    for cls in (pd.DataFrame, pd.Series):
        receivers = frames if cls is pd.DataFrame else [frame[name] for frame in frames for name in list(frame)[:2]]
        for name in dir(cls):
            if name[0] == "_" or name.startswith(LATER) or not inspect.isfunction(inspect.unwrap(getattr(cls, name))):
                continue
            bound = [getattr(thing.copy(), name, None) for thing in receivers]
            calls = [call for each in bound if callable(each) for call in with_toys(each, other)]
            yield f"pandas.{cls.__name__}.{name}", calls, parameters(getattr(cls, name))
    series = {**other, "left": [frames[2]], "right": [frames[1]], "index": [[1, 2, 1]], "columns": [[1, 2, 2]],
              "values": [[3, 1, 3]], "x": [[1.0, 2, 3, 4]], "q": [2]}  # fmt: skip
    dated = {**other, "start": ["2020-01-01"], "end": ["2020-01-05"]}
    spans = {"start": ["1 days"], "end": ["3 days"]}
    for name in dir(pd):
        function = getattr(pd, name, None)
        if name[0] == "_" or name.startswith(LATER) or not inspect.isfunction(function):
            continue
        toys = spans if name == "timedelta_range" else dated if name.endswith("_range") and name[0] != "i" else series
        calls = list(with_toys(function, toys))
        if name.endswith("_range"):
            calls = [
                *calls,
                *(bound_to(call, {"start": toys["start"][0], "end": toys["end"][0]}) for call in calls[:1]),
            ]
        yield f"pandas.{name}", calls, parameters(function)


def bound_to(call: Call, given: dict[str, Any]) -> Call:
    return lambda **more: call(**{**given, **more})


def parameters(function: object) -> set[str]:
    try:
        found = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return set()
    return {each.name for each in found if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)} - {"self"}


def with_toys(function: Call, toys: dict[str, list[Any]]) -> Iterator[Call]:
    """The function with each toy for what it must be given."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return
    needed = [each.name for each in found if each.default is each.empty and "VAR" not in each.kind.name]
    if any(name not in toys for name in needed):
        return
    most = max([len(toys[name]) for name in needed], default=1)
    for number in range(most):
        yield bound_to(function, {name: toys[name][number % len(toys[name])] for name in needed})
    for optional in ("q", "func", "labels", "periods", "by", "index", "mapper", "start"):
        if not needed and optional in {each.name for each in found}:
            for toy in toys.get(optional, ()):
                yield bound_to(function, {optional: toy})


# --- Matplotlib --------------------------------------------------------------------------------------

DRAWN = ("Line2D", "Patch", "Text", "Collection")


def matplotlib_calls() -> Iterator[tuple[str, list[Call], set[str]]]:
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("agg")
    plt, np = importlib.import_module("matplotlib.pyplot"), importlib.import_module("numpy")
    properties = {"linestyle", "ls", "marker", "drawstyle", "fillstyle", "ha", "va", "horizontalalignment", "loc",
                  "verticalalignment", "solid_capstyle", "solid_joinstyle", "dash_capstyle", "dash_joinstyle",
                  "capstyle", "joinstyle", "rotation_mode", "histtype", "cmap", "markevery", "hatch", "ncols", "mode",
                  "layout", "projection", "which", "axis", "orientation", "extend", "interpolation"}  # fmt: skip
    x, y, grid = [1.0, 2.0, 3.0], [3.0, 1.0, 2.0], np.arange(12.0).reshape(3, 4)
    toys: dict[str, list[Any]] = {"x": [x], "y": [y], "y1": [y], "height": [y], "width": [y], "bottom": [0], "s": ["a"],
            "X": [grid], "Z": [grid], "C": [grid], "positions": [x], "dataset": [[x, y]], "ymin": [0], "ymax": [1],
            "xmin": [0], "xmax": [1], "label": ["a"], "text": ["a"], "xy": [(0, 0)], "values": [y], "vmin": [0],
            "xranges": [[(0, 1)]], "yrange": [(0, 1)], "a": [grid], "shape": [(2, 2)], "colors": ["r"], "U": [grid],
            "x1": [y], "heights": [[y, x]], "marker": ["o"]}  # fmt: skip
    starred: dict[str, tuple[Any, ...]] = {"plot": (x, y), "fill": (x, y), "stem": (x, y), "contour": (grid,),
            "contourf": (grid,), "pcolor": (grid,), "pcolormesh": (grid,), "quiver": (grid, grid), "tricontour": (),
            "semilogx": (x, y), "semilogy": (x, y), "loglog": (x, y), "legend": (), "barbs": (grid, grid)}  # fmt: skip
    for name in dir(plt):
        function = getattr(plt, name, None)
        leave = name[0] == "_" or name in (
            "show",
            "pause",
            "ginput",
            "switch_backend",
            "rc",
            "savefig",
            "xkcd",
            "close",
            "waitforbuttonpress",
            "connect",
            "install_repl_displayhook",
            "style",
            "draw",
            "uninstall_repl_displayhook",
            "ion",
            "ioff",
            "figure",
            "imread",
            "imsave",
        )
        if leave or not inspect.isfunction(function) or function.__module__ != "matplotlib.pyplot":
            continue
        # Some of them change what all that follow start from.
        matplotlib.rcdefaults()
        matplotlib.use("agg")
        plt.close("all")
        arguments = starred.get(name)
        plain = [lambda _f=function, _a=arguments, **given: _f(*_a, **given)] if arguments is not None else []
        calls = [afresh(plt, call) for call in plain or with_toys(function, toys)]
        taken = parameters(function)
        if any(each.kind is each.VAR_KEYWORD for each in inspect.signature(function).parameters.values()):
            taken = taken | properties
        yield f"matplotlib.pyplot.{name}", calls, taken


def afresh(plt: Any, call: Call) -> Call:
    """On an empty figure with something on it that has a label."""

    def drawn(**given: Any) -> object:
        if len(plt.get_fignums()) > 1:
            plt.close("all")
        plt.figure(1, figsize=(1, 1), dpi=20).clf()
        plt.plot([1, 2], [1, 2], label="a")
        return call(**given)

    return drawn


def registered(library: str) -> dict[str, set[str]]:
    """What a library keeps a table of, by the names of parameters that take an entry."""
    if library != "matplotlib":
        return {}
    lines, markers = importlib.import_module("matplotlib.lines"), importlib.import_module("matplotlib.markers")
    plt = importlib.import_module("matplotlib.pyplot")
    styles = {text for text in lines.Line2D.lineStyles if isinstance(text, str)}
    long = {"solid", "dashed", "dashdot", "dotted"}
    return {
        "marker": {text for text in markers.MarkerStyle.markers if isinstance(text, str)},
        "cmap": set(plt.colormaps()),
        "linestyle": styles | long,
        "ls": styles | long,
    }


CALLS = {"pandas": pandas_calls, "matplotlib": matplotlib_calls}


def facts(library: str) -> Facts:
    known, tables = listed(library), registered(library)
    by_parameter: dict[str, set[str]] = {}
    for (_, parameter), texts in known.items():
        by_parameter.setdefault(parameter, set()).update(texts)
    found: Facts = {}
    for dotted, calls, taken in CALLS[library]():
        trial = Trial(calls)
        if not trial.calls:
            continue
        for parameter in sorted(taken):
            own = known.get((dotted.rpartition(".")[2], parameter), set())
            fact = tried(trial, parameter, own, by_parameter.get(parameter, set()), tables.get(parameter, set()))
            if fact is not None:
                found.setdefault(dotted, {})[parameter] = fact
    return found


@contextmanager
def chdir(folder: str) -> Iterator[None]:
    """As `contextlib.chdir`, which older Pythons lack."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=CALLS)
    parser.add_argument("--check", action="store_true", help="only say whether the file holds for this release")
    arguments = parser.parse_args()
    installed = ".".join(importlib.import_module(arguments.library).__version__.split(".")[:2])
    path = FOLDER / f"{arguments.library}.json"
    with TemporaryDirectory() as folder, chdir(folder):
        # Some calls write a file of the name that they are given.
        said = json.loads(json.dumps(facts(arguments.library)))
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    if arguments.check:
        stale = known is None or installed not in known["releases"] or at(known, installed) != said
        if stale:
            print(f"not what {arguments.library} {installed} gives: run {sys.argv[0]} {arguments.library}")
        return int(stale)
    path.parent.mkdir(exist_ok=True)
    path.write_text(written(merged(known, installed, said)), encoding="utf-8")
    print(f"wrote {path} for {arguments.library} {installed}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
