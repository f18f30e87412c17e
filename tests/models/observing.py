"""Runs a few lines for real, follows the same lines, and says what of the model's claims is not true of the result.

An example is a line of code that binds `result`, on tables whose texts are made here. It runs as it stands, and again
with one row changed at a time: what a change of one row does to the others is what "learned" means. The same text is
followed by `Program`, and its claims about rows, statistics, kind, columns and scale are held against what came out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from mlsense.semantics.core import Sighting
from mlsense.semantics.program import Program
from mlsense.semantics.regions import NO_ROWS, Rows, within
from mlsense.semantics.values import Const, Data, DictObject, Estimator, ListObject, TupleValue
from mlsense.syntax import script

# --- the tables --------------------------------------------------------------------------------------

GAP = float("nan")
LABELS = [30, 31, 32, 33, 34, 35, 36]
KEYS = [101, 102, 103, 104, 105, 106, 107]
SMALL = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0]
LARGE = [2100.0, 4000.0, 1500.0, 5200.0, 3300.0, 2700.0, 6100.0]
GROUPS = [0, 1, 0, 1, 0, 1, 0]
WORDS = ["red fox", "blue bird", "red hen", "grey wolf", "blue jay", "red fox", "old owl"]
DAYS = ["2020-01-01", "2020-01-03", "2020-01-09", "2020-02-02", "2020-02-05", "2020-03-01", "2020-03-08"]
# Rows that are changed, and in which ways: large, small, as another row, zero, missing.
CHANGED = (6, 1, 4)
WAYS = ("up", "down", "twin", "zero", "gap")


def _column(values: list[Any], row: int | None, way: str) -> list[Any]:
    """A column with one of its values changed; gaps stay gaps."""
    values = list(values)
    if row is None or values[row] != values[row]:
        return values
    twin = values[(row + 1) % len(values)]
    if way == "twin" and twin == twin:
        values[row] = twin
    elif way == "zero" and isinstance(values[row], float):
        values[row] = 0.0
    elif way == "gap":
        values[row] = GAP if isinstance(values[row], (float, str)) else values[row]
    elif isinstance(values[row], str) and values[row][:1].isdigit():
        values[row] = "2020-05-20" if way == "up" else "2019-11-11"
    elif isinstance(values[row], str):
        values[row] = "zebra" if way == "up" else "ant"
    elif isinstance(values[row], float):
        values[row] += (1 if way == "up" else -1) * 7.0 * max(v for v in values if v == v)
    return values


def _shown(values: list[Any]) -> str:
    return "[" + ", ".join("np.nan" if value != value else repr(value) for value in values) + "]"


def _with_gaps(values: list[float]) -> list[float]:
    return [GAP if index in (2, 5) else value for index, value in enumerate(values)]


def _frame(name: str, small: list[Any], large: list[Any], row: int | None, way: str) -> str:
    columns = f'{{"k": {KEYS}, "a": {_shown(_column(small, row, way))}, "b": {_shown(_column(large, row, way))}}}'
    return f"{name} = pd.DataFrame({columns}, index={LABELS})"


def _array(row: int | None, way: str) -> str:
    columns = [list(map(float, KEYS)), _column(SMALL, row, way), _column(LARGE, row, way)]
    return f"x = np.array([{', '.join(_shown(list(line)) for line in zip(*columns, strict=True))}])"


def _words(row: int | None, way: str) -> str:
    return f"words = pd.Series({_shown(_column(WORDS, row, way))}, index={LABELS})"


def _days(row: int | None, way: str) -> str:
    return f"days = pd.Series(pd.to_datetime({_shown(_column(DAYS, row, way))}), index={LABELS})"


def _dated(row: int | None, way: str) -> str:
    columns = f'{{"a": {_shown(_column(SMALL, row, way))}, "b": {_shown(_column(LARGE, row, way))}}}'
    return f"dated = pd.DataFrame({columns}, index=pd.to_datetime({DAYS}))"


def _mixed(row: int | None, way: str) -> str:
    columns = f'{{"k": {KEYS}, "a": {_shown(_column(SMALL, row, way))}, "w": {_shown(_column(WORDS, row, way))}}}'
    return f"mixed = pd.DataFrame({columns}, index={LABELS})"


def _grouped(row: int | None, way: str) -> str:
    clubs = _column(GROUPS, row if way == "twin" else None, way)
    columns = f'{{"g": {clubs}, "a": {_shown(_column(SMALL, row, way))}, "b": {_shown(_column(LARGE, row, way))}}}'
    return f"clubs = pd.DataFrame({columns}, index={LABELS})"


Text = Callable[[int | None, str], str]
TABLES: dict[str, Text] = {
    "df": lambda row, way: _frame("df", SMALL, LARGE, row, way),
    "gaps": lambda row, way: _frame("gaps", _with_gaps(SMALL), _with_gaps(LARGE), row, way),
    "clubs": _grouped,
    "mixed": _mixed,
    "words": _words,
    "days": _days,
    "dated": _dated,
    "x": _array,
    "v": lambda row, way: f"v = np.array({_shown(_column(SMALL, row, way))})",
    "w": lambda row, way: f"w = np.array({_shown(_column(LARGE, row, way))})",
    "holes": lambda row, way: f"holes = np.array({_shown(_column(_with_gaps(SMALL), row, way))})",
}
# Made of the tables above: the line, and what it needs.
DERIVED: dict[str, tuple[str, str]] = {
    "s": ('s = df["a"]', "df"),
    "sgaps": ('sgaps = gaps["a"]', "gaps"),
    "index": ("index = pd.Index(w)", "w"),
    "cats": ('cats = words.astype("category")', "words"),
    "m": ("m = sparse.csr_matrix(x)", "x"),
    "t": ("t = torch.tensor(x)", "x"),
    "u": ("u = torch.tensor(v)", "v"),
    "flags": ("flags = df > 3", "df"),
    "grouped": ('grouped = clubs.groupby("g")', "clubs"),
    "club": ('club = clubs.groupby("g")["a"]', "clubs"),
    "window": ("window = df.rolling(2)", "df"),
}
FIXED = {
    "other": 'other = pd.DataFrame({"k": [101, 102, 999], "c": [7.0, 8.0, 9.0]}, index=[50, 51, 52])',
    "prices": (
        'prices = pd.DataFrame({"k": [101, 102, 103, 104, 105, 106, 107], '
        '"c": [7.0, 8.0, 9.0, 7.5, 6.0, 5.0, 4.0]}, index=[30, 31, 32, 33, 34, 35, 36])'
    ),
    "z": "z = np.array([[201.0, 5.0, 7.0], [202.0, 8.0, 9.0]])",
}
IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "sparse": "from scipy import sparse",
    "stats": "from scipy import stats",
    "torch": "import torch",
    "sklearn": "import sklearn",
}


# --- an example --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """Lines of which the last binds `result`; `given` names the table whose rows are watched.

    `tables` holds further texts of tables by name; `imports` further lines before them; `marks` are the values of a
    column by which the rows are known again, whatever becomes of their labels.
    """

    code: str
    given: str
    tables: Mapping[str, Text] = field(default_factory=dict, hash=False)
    imports: tuple[str, ...] = ()
    ways: tuple[str, ...] = WAYS
    marks: tuple[float, ...] = ()

    def __str__(self) -> str:
        return self.code


def _needed(example: Example) -> tuple[list[str], list[str]]:
    """Names of the tables an example mentions, and the lines made of them."""
    words = set(_words_in(example.code)) | {example.given}
    lines = []
    for name, (line, base) in DERIVED.items():
        if name in words:
            words |= {base}
            lines.append(line)
    return [name for name in (*TABLES, *example.tables) if name in words], lines


def _words_in(code: str) -> list[str]:
    return "".join(letter if letter.isalnum() or letter == "_" else " " for letter in code).split()


def text(example: Example, row: int | None = None, way: str = "up") -> str:
    """The whole program, with one row of the given table changed."""
    tables, derived = _needed(example)
    made = {**TABLES, **example.tables}
    body = [made[name](row if name == _base(example) else None, way) for name in tables]
    body += [line for name, line in FIXED.items() if name in _words_in(example.code)]
    body += [*derived, example.given, example.code, "result"]
    found = set(_words_in("\n".join(body)))
    imports = [line for name, line in IMPORTS.items() if name in found]
    return "\n".join([*imports, *example.imports, *body]) + "\n"


def _base(example: Example) -> str:
    return DERIVED[example.given][1] if example.given in DERIVED else example.given


def examples(table: str) -> dict[str, list[str]]:
    """Examples by name, from lines `name name: line | line` in which `{}` stands for the name.

    What is indented deeper than the first line goes on with the line above.
    """
    found: dict[str, list[str]] = {}
    names: list[str] = []
    margin = len(table) - len(table.lstrip("\n ")) - 1
    for line in filter(str.strip, table.split("\n")):
        deeper = len(line) - len(line.lstrip()) > margin
        told = line.strip()
        if not deeper:
            listed, _, told = told.partition(": ")
            names = listed.split()
        for name in names:
            found.setdefault(name, []).extend(part.strip().replace("{}", name) for part in told.split(" | ") if part)
    return found


# --- for real ----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _compiled(program: str) -> Any:
    return compile(program, "<example>", "exec")


def executed(program: str) -> dict[str, Any]:
    """The names a program leaves behind."""
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(_compiled(program), names)
    return names


Line = tuple[Any, ...]


def lines_of(result: Any, labels: list[Hashable], marks: tuple[float, ...] = ()) -> dict[Hashable, list[Line]] | None:
    """The rows of a result by the label of the row each came from; None where it has no such rows."""
    frame = table_of(result)
    if frame is None:
        return None
    values = [_line(line) for line in frame.itertuples(index=False, name=None)]
    known: list[float] = [*marks] or [*map(float, KEYS)]
    marked = _marks(frame, known)
    own = _labelled(result, labels)
    if own is not None:
        keys: list[Hashable] = own
    elif marked is not None and len(labels) == len(known):
        keys = [labels[known.index(float(mark))] for mark in marked]
    elif len(values) == len(labels) and not isinstance(getattr(result, "index", None), pd.MultiIndex):
        keys = labels
    else:
        return None
    found: dict[Hashable, list[Line]] = {}
    for key, line in zip(keys, values, strict=True):
        found.setdefault(key, []).append(line)
    return found


def _labelled(result: Any, labels: list[Hashable]) -> list[Hashable] | None:
    """The labels of a result's rows, if they are labels of the rows that were given."""
    index = result if isinstance(result, pd.Index) else getattr(result, "index", None)
    if not isinstance(index, pd.Index) or not len(index) or len(set(labels)) < len(labels):
        return None
    if isinstance(result, pd.Index) and isinstance(labels[0], float):
        # The label is the value itself: the one that is new stands for the one that was changed.
        missing, new = set(labels) - set(result), set(result) - set(labels)
        alias = dict(zip(new, missing, strict=False)) if len(new) == 1 else {}
        found = [alias.get(value, value) for value in result]
        return found if set(found) <= set(labels) else None
    for level in range(index.nlevels):
        found = list(index.get_level_values(level))
        if set(found) <= set(labels) and found != list(range(len(labels))):
            return found
    return None


def _marks(frame: pd.DataFrame, keys: list[Any]) -> list[Any] | None:
    """The column that says which row is which, if it is still there."""
    for name in frame.columns:
        column = list(frame[name]) if isinstance(frame[name], pd.Series) else []
        if column and all(isinstance(value, (int, float)) for value in column) and set(column) <= set(keys):
            return column
    return None


def table_of(result: Any) -> pd.DataFrame | None:
    """A result as a table, if it is one or can be seen as one."""
    if isinstance(result, pd.DataFrame):
        return result
    if isinstance(result, pd.Series):
        return result.to_frame()
    if isinstance(result, pd.Index):
        return pd.DataFrame({"index": list(result)})
    if sparse.issparse(result):
        return pd.DataFrame(result.toarray())
    if type(result).__module__.startswith("polars"):
        return _of_polars(result)
    if type(result).__module__.startswith("torch") and hasattr(result, "detach"):
        result = result.detach()
        result = (result.to_dense() if result.is_sparse else result).double().numpy()
    if isinstance(result, pd.api.extensions.ExtensionArray):
        return pd.DataFrame({"values": list(result)})
    if isinstance(result, list) and result and not isinstance(result[0], (list, tuple, np.ndarray, pd.DataFrame)):
        return pd.DataFrame({"values": result})
    if isinstance(result, list) and result and isinstance(result[0], (list, tuple)):
        return pd.DataFrame([list(line) for line in result])
    if isinstance(result, np.ndarray) and result.ndim:
        return pd.DataFrame(result.reshape(len(result), -1)) if len(result) else pd.DataFrame()
    return None


def _of_polars(result: Any) -> pd.DataFrame | None:
    found = result.collect() if hasattr(result, "collect") else result
    if hasattr(found, "to_frame"):
        found = found.to_frame()
    return pd.DataFrame(found.to_dict(as_series=False)) if hasattr(found, "to_dict") else None


def _line(values: tuple[Any, ...]) -> Line:
    return tuple(_cell(value) for value in values)


def _cell(value: Any) -> Hashable:
    """A form in which equal values are equal: numbers to seven digits, gaps as gaps."""
    if isinstance(value, (float, np.floating)):
        return "gap" if value != value else float(f"{float(value):.7g}")
    if isinstance(value, (complex, np.complexfloating)):
        return str(value) if value.imag else _cell(value.real)
    if isinstance(value, pd.Interval):
        return f"{value.left:.7g} to {value.right:.7g}"
    if value is None or value is pd.NaT or value is pd.NA:
        return "gap"
    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return float(value)
    return str(value)


def whole(result: Any) -> Hashable:
    """The whole result in a form that can be compared."""
    frame = table_of(result)
    if frame is not None:
        index = list(frame.index) if isinstance(result, (pd.DataFrame, pd.Series)) else []
        return (
            tuple(map(str, frame.columns)),
            tuple(map(str, index)),
            tuple(_line(line) for line in frame.itertuples(index=False, name=None)),
        )
    if isinstance(result, (tuple, list)):
        return tuple(whole(item) for item in result)
    if isinstance(result, dict):
        return tuple((str(key), whole(value)) for key, value in result.items())
    if isinstance(result, np.ndarray) or (hasattr(result, "item") and callable(result.item)):
        result = result.item()
    return _cell(result)


@dataclass(frozen=True)
class Observed:
    """What really came out: rows by label, and what a change of one row did to others and to the whole."""

    names: dict[str, Any]
    labels: list[Hashable]
    given: Any
    part: Callable[[Any], Any]
    elsewhere: bool
    anywhere: bool
    marks: tuple[float, ...] = ()

    @property
    def result(self) -> Any:
        return self.part(self.names["result"])

    @property
    def lines(self) -> dict[Hashable, list[Line]] | None:
        return lines_of(self.result, self.labels, self.marks)


def labels_of(given: Any) -> list[Hashable]:
    """What the rows of the given table are called: its index, else positions."""
    if isinstance(given, (pd.DataFrame, pd.Series)):
        return list(given.index)
    if isinstance(given, pd.Index):
        return list(given)
    if hasattr(given, "obj"):
        return list(given.obj.index)
    return list(range(given.shape[0] if hasattr(given, "shape") else len(given)))


def observe(example: Example, part: Callable[[Any], Any] = lambda result: result) -> Observed:
    """Runs an example as it is and with rows changed one at a time; `part` picks what is asked about."""
    names = executed(text(example))
    # What an example changes in place is looked at as it was.
    given = executed(text(replace(example, code="result = None")))[example.given]
    labels = labels_of(given)
    base = part(names["result"])
    lines, all_of_it = lines_of(base, labels, example.marks), whole(base)
    elsewhere = anywhere = False
    tried = 0
    for row in CHANGED:
        rest = [label for label in labels if label != labels[row]]
        for way in example.ways:
            if anywhere and (elsewhere or lines is None):
                break  # there is no more to learn
            if way in ("twin", "gap") and isinstance(given, pd.Index):
                continue
            try:
                changed = part(executed(text(example, row, way))["result"])
            except (ValueError, TypeError, ArithmeticError, KeyError, IndexError, AttributeError):
                continue
            tried += 1
            anywhere = anywhere or whole(changed) != all_of_it
            after = lines_of(changed, labels, example.marks) if lines is not None else None
            if lines is not None and after is not None:
                elsewhere = elsewhere or any(lines.get(label) != after.get(label) for label in rest)
    assert tried, f"{example}: no change of a row could be tried"
    return Observed(names, labels, given, part, elsewhere, anywhere, example.marks)


# --- as the model says -------------------------------------------------------------------------------


def followed(program: str) -> dict[str, Sighting]:
    """What the model knows of each name when it is last seen."""
    trace = Program().follow(script("example.py", program))
    found: dict[str, tuple[int, Sighting]] = {}
    for place, sighting in trace.sightings.items():
        where = trace.line_of(place)
        line = where[1] if where is not None else -1
        if sighting.name not in found or line >= found[sighting.name][0]:
            found[sighting.name] = (line, sighting)
    return {name: sighting for name, (_, sighting) in found.items()}


def given_at_first(program: str, name: str) -> Data:
    """What the model knows of the given table before the example runs."""
    upto = program[: program.rindex(f"\n{name}\n") + len(name) + 2]
    thing = followed(upto)[name].object
    assert isinstance(thing, Data), f"{name} is not followed"
    return thing


# --- one against the other ---------------------------------------------------------------------------


def falsehoods(example: Example, silent: str = "") -> list[str]:
    """What the model claims of `result` and is not so, a line each.

    `silent` is the reason why the model is allowed to say nothing of a statistic that is there.
    """
    program = text(example)
    sighting = followed(program).get("result")
    given = given_at_first(program, example.given)
    if sighting is None:
        return ["the model has no `result`"]
    wrong: list[str] = []
    _compare(example, sighting.value, sighting, given, silent, lambda result: result, wrong)
    return wrong


def _compare(
    example: Example,
    value: Any,
    sighting: Sighting | None,
    given: Data,
    silent: str,
    part: Callable[[Any], Any],
    wrong: list[str],
) -> None:
    thing = sighting.object if sighting is not None else None
    if isinstance(value, TupleValue) or (isinstance(thing, ListObject) and thing.items is not None):
        names = [f"part_{index}" for index in range(len(_items(value, thing)))]
        real = executed(text(example))["result"]
        if not hasattr(real, "__len__") or len(real) != len(names):
            wrong.append(f"said to have {len(names)} parts, is {type(real).__name__}")
            return
        program = text(example) + f"{', '.join(names)}, = result\n" + "\n".join(names) + "\n"
        seen = followed(program)
        for index, name in enumerate(names):
            inner = seen[name]
            if not isinstance(inner.object, ListObject):
                _compare(example, inner.value, inner, given, silent, lambda r, i=index: r[i], wrong)
        return
    if isinstance(value, Const):
        real = part(executed(text(example))["result"])
        if real != value.value and not (real is None and value.value is None):
            wrong.append(f"said to be {value.value!r}, is {real!r}")
    elif isinstance(thing, Estimator):
        real = part(executed(text(example))["result"])
        name = thing.cls.rpartition(".")[2]
        if name not in [cls.__name__ for cls in type(real).__mro__]:
            wrong.append(f"said to be a {name}, is {type(real).__name__}")
    elif isinstance(thing, DictObject):
        real = part(executed(text(example))["result"])
        wrong.extend(f"has no {key!r}" for key, _ in thing.items if key not in real)
    elif isinstance(thing, Data):
        wrong.extend(_of_data(thing, given, observe(example, part), silent))


def _items(value: Any, thing: Any) -> tuple[Any, ...]:
    return value.items if isinstance(value, TupleValue) else thing.items


def relation(rows: Rows | None, given: Data) -> str:
    """How the rows of a result are said to relate to the given ones."""
    if rows is None:
        return "unknown"
    if rows == NO_ROWS:
        return "none"
    if given.rows is None:
        return "unknown"
    if rows == given.rows:
        return "same"
    if rows.made_from:
        return "made"
    if len(rows.parts) == 1 and within(rows, given.rows):
        return "subset"
    if len(rows.parts) > 1:
        return "joined"
    return "own" if not rows.parts[0].source.known else "new"


def _of_data(said: Data, given: Data, real: Observed, silent: str) -> list[str]:
    how = relation(said.rows, given)
    if said.kind in ("grouped", "window"):
        return _kind(said, real.result)
    checks = (_rows(how, said, real), _learned(how, said, given, real, silent), _kind(said, real.result))
    wrong = [problem for problems in checks for problem in problems]
    return wrong + _columns(said, real.result) + _scale(said, real)


def _rows(how: str, said: Data, real: Observed) -> list[str]:
    lines = real.lines
    if how == "same":
        if lines is None or sorted(lines, key=str) != sorted(real.labels, key=str):
            return [f"said to keep the rows, has {_described(real)}"]
        if any(len(found) != 1 for found in lines.values()):
            return ["said to keep the rows, has some twice"]
    elif how == "subset" and said.kind in ("unknown", "scalar") and _is_smaller(real):
        return []
    elif how == "subset":
        if lines is None or not set(lines) <= set(real.labels):
            return [f"said to pick rows, has {_described(real)}"]
    elif how == "none" and lines is not None and real.anywhere:
        return ["said to have no rows, has those given"]
    elif how == "new" and real.anywhere:
        return ["said to be of other rows, follows those given"]
    count = said.rows.count if said.rows is not None else None
    if count is not None and how not in ("none",) and _length(real.result) != count:
        return [f"said to have {count} rows, has {_length(real.result)}"]
    return []


def _is_smaller(real: Observed) -> bool:
    """Whether it is a single row, or a cell."""
    return bool(np.ndim(real.result) < 2) and _length(real.result) != len(real.labels)


def _described(real: Observed) -> str:
    lines = real.lines
    return f"{type(real.result).__name__} of {_length(real.result)} " + ("rows" if lines else "other rows")


def _length(result: Any) -> int | None:
    if sparse.issparse(result):
        return int(result.shape[0])
    try:
        return len(result)
    except TypeError:
        return None


def _learned(how: str, said: Data, given: Data, real: Observed, silent: str) -> list[str]:
    # Rows that were drawn again say nothing of others; which they were made of is told by the rows.
    new = [item for item in said.learned if item not in given.learned and item.what != "resample"]
    influenced = real.anywhere if how in ("none", "own", "unknown", "joined", "made") else real.elsewhere
    if new and silent:
        return [f"{new[0].what} is said to be learned, against: {silent}"]
    if new and not influenced:
        return [f"{new[0].what} is said to be learned, no row follows another"]
    elsewhere = [item for item in new if item.rows and given.rows and not within(item.rows, given.rows)]
    wrong = [f"{item.what} is said to be learned on other rows" for item in elsewhere]
    if how in ("same", "subset", "none") and influenced and not new and not said.fits and not silent:
        wrong.append("nothing is said to be learned, rows follow other rows")
    return wrong


_TYPES: dict[str, tuple[type, ...]] = {
    "frame": (pd.DataFrame,),
    "series": (pd.Series,),
    "array": (np.ndarray, list, pd.api.extensions.ExtensionArray),
    "index": (pd.Index, np.ndarray, list),
    "labels": (pd.Index, np.ndarray, list, pd.Series),
}


def _kind(said: Data, real: Any) -> list[str]:
    if said.kind == "sparse":
        right = sparse.issparse(real)
    elif said.kind == "tensor":
        right = type(real).__module__.startswith("torch")
    elif said.kind == "polars":
        right = said.rows == NO_ROWS or type(real).__module__.startswith("polars")
    elif said.kind == "grouped":
        right = "roupBy" in type(real).__name__
    elif said.kind == "window":
        right = type(real).__name__.startswith(("Rolling", "Expanding", "Exponential", "Datetime"))
    elif said.kind == "scalar":
        right = said.rows == NO_ROWS or np.ndim(real) == 0
    else:
        right = said.kind == "unknown" or isinstance(real, _TYPES[said.kind])
        # Positions pick rows in whatever form they come.
        right = right or (said.kind == "index" and said.rows is None and np.ndim(real) == 1)
    if not right:
        return [f"said to be of kind {said.kind}, is {type(real).__name__}"]
    dimensions = getattr(real, "ndim", None)
    if said.rank is not None and isinstance(dimensions, int) and dimensions != said.rank:
        return [f"said to have {said.rank} dimensions, has {dimensions}"]
    return []


def _columns(said: Data, real: Any) -> list[str]:
    if said.columns is None or said.kind in ("scalar", "labels", "index", "grouped", "window"):
        return []
    frame = table_of(real)
    if frame is None:
        return [f"said to have columns, is {type(real).__name__}"]
    names, there = [column.name for column in said.columns.items], list(frame.columns)
    named = isinstance(real, (pd.DataFrame, pd.Series))
    if said.columns.closed and (len(there) != len(names) or (named and there != names and names != [""])):
        return [f"said to have the columns {names}, has {there}"]
    if named and names != [""] and not set(names) <= set(there):
        return [f"said to have the columns {names} among others, has {there}"]
    wrong = []
    for position, column in enumerate(said.columns.items):
        values = frame[column.name] if column.name in there else frame.iloc[:, position]
        if column.low is not None and column.high is not None:
            slack = 1e-9 + 1e-9 * abs(column.high)
            if values.min() < column.low - slack or values.max() > column.high + slack:
                wrong.append(f"{column.name!r} is said to lie in {column.low} to {column.high}, does not")
    return wrong


def _scale(said: Data, real: Observed) -> list[str]:
    frame = table_of(real.result)
    if said.scale == "unknown" or frame is None or said.rows == NO_ROWS:
        return []
    if said.scale == "raw":
        return _raw(frame, real)
    numbers = frame.select_dtypes("number").to_numpy(float)
    if not numbers.size or fits_scale(said.scale, numbers):
        return []
    return [f"said to be {said.scale}, is not"]


def _raw(frame: pd.DataFrame, real: Observed) -> list[str]:
    """What is raw are the numbers as they came, most of them at least."""
    before = table_of(real.given)
    if before is None:
        return []
    cells = {value for line in before.itertuples(index=False, name=None) for value in _line(line)}
    now = [value for line in frame.itertuples(index=False, name=None) for value in _line(line)]
    return [] if sum(value in cells for value in now) * 2 >= len(now) else ["said to be raw, is not"]


def fits_scale(scale: str, numbers: np.ndarray) -> bool:
    """Whether a table of numbers is scaled as a word of the model says."""
    widths = np.nanmax(numbers, axis=0) - np.nanmin(numbers, axis=0)
    widths = widths[widths > 0]
    if scale == "standardised":
        middle = np.abs(np.nanmean(numbers, axis=0))
        return bool((middle < 1).all() and (len(widths) < 2 or widths.max() < 10 * widths.min()))
    if scale == "bounded":
        return bool(np.nanmin(numbers) >= -1 - 1e-9 and np.nanmax(numbers) <= 1 + 1e-9)
    if scale == "normalised":
        lengths = [np.abs(numbers).sum(1), np.sqrt((numbers**2).sum(1)), np.abs(numbers).max(1)]
        return any(np.allclose(found[found > 0], 1) for found in lengths)
    return len(widths) < 2 or bool(widths.max() < 10 * widths.min())


__all__ = ["Example", "examples", "falsehoods", "fits_scale", "followed", "observe", "text"]
