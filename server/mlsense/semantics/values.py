"""Abstract values: what the analysis knows of a value. Immutable, hashable; unknown is a value.

Things with identity (frames, arrays, estimators, lists, instances) live in the heap: a name holds a `Ref`, the state
holds the object, so that aliases share what changes. Identities are made of the place and the call path, never counted,
so that equal programs give equal states.
"""

from __future__ import annotations

from dataclasses import field, replace
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from mlsense.semantics.immutable import dataclass
from mlsense.semantics.regions import NO_ROWS, Choice, Rows

if TYPE_CHECKING:
    import ast
    from collections.abc import Hashable, Iterator

    from mlsense.datafiles import ColumnProfile


MAIN = "main"


class Unit(NamedTuple):
    """A top-level statement by its text: `occurrence` counts equal texts before it. It survives shifted lines.

    `module` is the path of the file, or `MAIN` for the document at hand.
    """

    module: str
    text: str
    occurrence: int


class Place(NamedTuple):
    """A stretch of code in the coordinates of `ast`, relative to its statement: a shifted line costs nothing."""

    unit: Unit
    line: int
    column: int
    end_line: int
    end_column: int

    @staticmethod
    def of(unit: Unit, node: ast.expr | ast.stmt | ast.keyword) -> Place:
        """Where a node of a statement stands."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Place(unit, node.lineno, node.col_offset, end_line, end_column)


class Origin(NamedTuple):
    """A place, and the way to it, outermost first: calls, and the passes of loops that are followed one by one."""

    place: Place
    path: tuple[Place | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The identity of the names in a class's body, or in a function that is entered by a way of calls."""

    kind: Literal["class", "function"]
    origin: Origin
    path: tuple[Place | int, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Every name of it is looked up by this.
        object.__setattr__(self, "_hash", hash((self.kind, self.origin, self.path)))

    def __hash__(self) -> int:
        return self._hash


# --- values without identity ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything. Flows through everything and silences every rule that would need more."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Const:
    """A literal: number, text, bool, None. `type` keeps 1, 1.0 and True apart."""

    value: Hashable
    type: str

    @staticmethod
    def of(value: Hashable) -> Const:
        return Const(value, type(value).__name__)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A module, class or function of a library, by the dotted name it was imported under."""

    name: str


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the workspace, or a folder that holds some; `path` None for the latter."""

    name: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Function:
    """A function or lambda of the program; `frame` is where its free names live, `setter` writes to a property."""

    origin: Origin
    name: str
    frame: Hashable
    defaults: tuple[tuple[str, Value], ...]
    decorators: tuple[Value, ...] = ()
    setter: Function | None = None
    node: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the program."""

    origin: Origin
    name: str
    bases: tuple[Value, ...]
    members: tuple[tuple[str, Value], ...]

    def member(self, name: str) -> Value | None:
        """Looks through the bases, as far as they are the program's own."""
        for key, value in self.members:
            if key == name:
                return value
        for base in self.bases:
            if isinstance(base, ClassValue) and (found := base.member(name)) is not None:
                return found
        return None

    def lineage(self) -> Iterator[ClassValue]:
        """The class and those of the program that it derives from."""
        yield self
        for base in self.bases:
            if isinstance(base, ClassValue):
                yield from base.lineage()

    def descends_from(self, other: ClassValue) -> bool:
        return any(each.origin == other.origin for each in self.lineage())

    @property
    def bases_known(self) -> bool:
        """Whether it is known what it derives from, all the way up to libraries."""
        return all(
            base.bases_known if isinstance(base, ClassValue) else isinstance(base, Symbol) for base in self.bases
        )

    def library_bases(self) -> tuple[str, ...]:
        names: list[str] = []
        for base in self.bases:
            if isinstance(base, Symbol):
                names.append(base.name)
            elif isinstance(base, ClassValue):
                names.extend(base.library_bases())
        return tuple(names)


@dataclass(frozen=True, slots=True)
class Method:
    """A method looked up on a value, not yet called."""

    receiver: Value
    name: str
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class TupleValue:
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(function, ...)`."""

    function: Value
    arguments: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several, by the branch taken."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """The identity of a heap object. `slot` tells apart several objects made at one place."""

    origin: Origin
    slot: Hashable = 0
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # It is looked up far more often than it is made.
        object.__setattr__(self, "_hash", hash((self.origin, self.slot)))

    def __hash__(self) -> int:
        return self._hash


Value: TypeAlias = (
    Unknown | Const | Symbol | ModuleValue | Function | ClassValue | Method | TupleValue | Partial | Either | Ref
)

UNKNOWN = Unknown()
NONE = Const.of(None)


# --- what is known of data -------------------------------------------------------------------------

Family = Literal[
    "scaler", "imputer", "reducer", "selector", "encoder", "target-encoder", "label-encoder", "vectoriser",
    "discretiser", "resampler", "twins", "statistic", "fill", "dummies", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """One statistic that shaped a value: where it was learned, by what, on which rows, with the target or without.

    `by` is how the program calls it, `columns` the columns it shaped where they are known, `inside` the container of
    the transformer, `of` the columns a statistic was computed of. A statistic of the family "fill" went into gaps;
    "twins" are rows that are there more than once, as they are or changed.
    """

    origin: Origin
    what: str
    by: str
    family: Family
    rows: Rows | None
    supervised: bool = False
    estimator: Ref | None = None
    columns: tuple[str, ...] | None = None
    inside: str = ""
    of: tuple[str, ...] = ()

    def touches(self, names: tuple[str, ...]) -> bool:
        """Whether it shaped one of these columns; without a list of columns it shaped all."""
        return self.columns is None or any(name in names for name in self.columns)


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and what is known of its values.

    `low` and `high` are bounds of its numbers. `dtype` is as pandas names it, "str" for text in any version. `gaps`:
    whether there were missing values before rows were chosen; False holds of any choice of rows. `profile` is what the
    file it was read from shows of it, or the list it was made of, whatever rows were chosen since. `missing`: at least
    so many values came to be missing since it was read, by a shift or by texts that are no numbers.
    """

    name: str
    low: float | None = None
    high: float | None = None
    dtype: str = ""
    gaps: bool | None = None
    profile: ColumnProfile | None = None
    missing: int = 0

    @property
    def bare(self) -> Column:
        """Its name alone."""
        return Column(self.name)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a frame in order; `closed` when there are certainly no others."""

    items: tuple[Column, ...]
    closed: bool = True

    def pick(self, names: tuple[str, ...]) -> Columns:
        known = {column.name: column for column in self.items}
        return Columns(tuple(known.get(name, Column(name)) for name in names))

    def get(self, name: str) -> Column | None:
        return next((column for column in self.items if column.name == name), None)

    def drop(self, names: tuple[str, ...]) -> Columns:
        return Columns(tuple(c for c in self.items if c.name not in names), self.closed)


@dataclass(frozen=True, slots=True)
class Mask:
    """A boolean series: rows where `left operator right`; `key` is what is compared.

    With `in` and `not in` it is the choice whose rows are meant, with `and` the masks that must all hold, with `every`
    nothing: then all rows are meant, or none, as `right` says. `learned` are statistics of the spread of rows that say
    where rows begin to be outliers. `gaps`: it asks where a value is missing.
    """

    key: Hashable
    operator: str
    right: Hashable
    learned: tuple[Learned, ...] = field(default=(), compare=False)
    gaps: bool = field(default=False, compare=False)

    def choices(self) -> tuple[Choice, ...]:
        """The choices that picking rows by it makes."""
        if isinstance(self.key, Choice):
            return (self.key if self.operator == "in" else self.key.rest(),)
        own = Choice(self.key, "mask", (self.operator, self.right))
        if self.operator == "and" and isinstance(self.key, tuple):
            return (*(choice for part in self.key for choice in part.choices()), own)
        return (own,)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which columns of a table these are, though they may not all be known by name.

    `base` is where the table came to be; `only` are the columns picked of it (None: all), `without` those taken out.
    `made` are columns written since: the name, which column it is now, and the columns it was computed from.
    `numbers`: of these only the columns that hold numbers are there.
    A column is known by an identity: two of one name may be different, one in two tables is the same.
    """

    base: Hashable
    only: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    made: tuple[tuple[str, Hashable, tuple[Hashable, ...]], ...] = ()
    numbers: bool = False

    def sources(self, name: str) -> tuple[Hashable, ...]:
        """The identity of a column, and what it was computed from; empty where there is none of that name."""
        for key, identity, sources in self.made:
            if key == name:
                return (identity, *sources)
        there = (self.only is None or name in self.only) and name not in self.without
        return ((self.base, name),) if there else ()

    def holds(self, identity: Hashable) -> bool:
        """Whether a column is certainly there."""
        if any(identity == own for _, own, _ in self.made):
            return True
        name = identity[1] if isinstance(identity, tuple) and len(identity) == 2 else None
        return isinstance(name, str) and self.sources(name)[:1] == (identity,)

    def pick(self, names: tuple[str, ...]) -> Lineage:
        made = tuple(entry for entry in self.made if entry[0] in names)
        there = tuple(name for name in names if self.sources(name) and name not in {entry[0] for entry in made})
        return Lineage(self.base, there, (), made, self.numbers)

    def drop(self, names: tuple[str, ...]) -> Lineage:
        made = tuple(entry for entry in self.made if entry[0] not in names)
        return Lineage(self.base, self.only, tuple(dict.fromkeys((*self.without, *names))), made, self.numbers)

    def write(self, name: str, identity: Hashable, sources: tuple[Hashable, ...]) -> Lineage:
        kept = self.drop((name,))
        return replace(kept, made=(*kept.made, (name, identity, sources)))


@dataclass(frozen=True, slots=True)
class Moved:
    """Among what a column was computed from: values of rows before or, if `ahead`, after each row, in their order.

    `how` is how the program writes it. `either`: of rows on both sides of it.
    """

    origin: Origin
    how: str
    ahead: bool
    either: bool = False


def collected(parts: list[Data], count: int) -> Data:
    """Pieces of one source put into one array: windows of a series, the predictions of all folds, rows one by one."""
    learned = merge_learned(*(part.learned for part in parts))
    homes = {
        replace(region, path=_without_pick(region.path)) for part in parts for region in (part.rows or NO_ROWS).parts
    }
    known = len(parts) == count and all(part.rows is not None for part in parts) and len(homes) == 1
    return Data(kind="array", rows=Rows(tuple(homes)) if known else None, learned=learned)


def _without_pick(path: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The choices but the last, if that is the one that took out the piece."""
    return path[:-1] if path and path[-1].kind in ("slice", "filter", "fold") else path


# Among what a column was computed from: it holds moments in time.
MOMENTS = "moments"
# In place of a column that something was computed from and that is not known.
SOMETHING = "something else"


def computed_from(*data: Data | None) -> tuple[Hashable, ...]:
    """The columns that something is computed from, row by row; numbers and statistics are no columns."""
    found: dict[Hashable, None] = {}
    for each in data:
        if each is None or each.rows != NO_ROWS:
            found.update(dict.fromkeys((each.sources if each is not None else ()) or (SOMETHING,)))
    return tuple(found)[:16] if set(found) != {SOMETHING} else ()


@dataclass(frozen=True, slots=True)
class Ordered:
    """Where the rows of a table were brought into the order of time, or are known by their moments (`index`)."""

    origin: Origin
    how: str
    index: bool
    descending: bool = False


# "dataset": of Hugging Face; "polars" and "spark": tables and columns of these, which go their own ways.
DataKind = Literal[
    "frame", "series", "array", "sparse", "tensor", "index", "scalar", "grouped", "window", "labels", "set", "unknown",
    "dataset", "polars", "spark",
]  # fmt: skip
Scale = Literal["raw", "standardised", "bounded", "normalised", "even", "pixels", "unknown"]
# "comparison": what predictions are off by, or whether they are right, row by row.
Role = Literal["features", "target", "prediction", "probability", "score", "comparison", "index", "unknown"]
# How labels that are no longer as `predict` gave them were made out of numbers; "cluster": numbers of clusters.
Form = Literal[
    "", "predicted", "thresholded", "rounded", "largest", "cluster", "one-hot", "one-hot integers", "integer"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """The last thing a network did to a tensor: "linear", "softmax", ...; `units` is how many numbers each row has.

    `made` is where that layer was made, or the function called.
    """

    name: str
    units: int | None
    made: Origin


# How many entries a tensor has along each axis, None where that is not known, as of rows in a batch. A leading `...`
# stands for any number of axes.
Sizes: TypeAlias = tuple[int | EllipsisType | None, ...]


class Shaped(NamedTuple):
    """The sizes of a tensor. They are of what `owner` refers to, not of what is made of it."""

    owner: Ref
    sizes: Sizes


@dataclass(frozen=True, slots=True)
class Data:
    """A table, column, array, tensor or statistic. `rows` None: unknown rows; `NO_ROWS`: a statistic.

    `scale` "even" says the columns have one unit, so that distances are fair without scaling.
    `selects` is set for values that pick rows by position or label: the choices they stand for.
    `order` is set for rows in the order of time.
    `lineage` says of a table which columns it has, `sources` of a column which one it is and what it was computed from.
    `fits` are the fits of models whose predictions this is made of, `form` says how labels were made out of them, or
    how they are written; `classes` is how many there are. A scale of "pixels" is that of pictures as they come.
    `scores` are the scores that a number, a table of results was made of; `operation` is what a network did last to
    make it. `graph`: a tensor that certainly has a graph behind it, for gradients; `device` is where it was put: "cpu"
    where nothing else was said, else what was given, None where it is not known. `shape` is read by `shapes.sizes_of`.
    """

    kind: DataKind = "unknown"
    rows: Rows | None = None
    learned: tuple[Learned, ...] = ()
    role: Role = "unknown"
    scale: Scale = "unknown"
    columns: Columns | None = None
    selects: tuple[Choice, ...] | None = None
    mask: Mask | None = None
    fits: tuple[FitRecord, ...] = ()
    rank: int | None = None
    operation: Operation | None = None
    form: Form = ""
    classes: int | None = None
    scores: tuple[Score, ...] = ()
    graph: bool = False
    device: Hashable = None
    lineage: Lineage | None = None
    sources: tuple[Hashable, ...] = ()
    order: Ordered | None = None
    shape: Shaped | None = None


@dataclass(frozen=True, slots=True)
class FitRecord:
    """What a fit saw: on which rows, of values shaped by what, and scaled like what.

    `cls` and `kinds` are of the step that predicts, where the estimator is a pipeline or a search.
    """

    origin: Origin
    estimator: Ref
    name: str
    rows: Rows | None
    learned: tuple[Learned, ...]
    columns: Columns | None = None
    scale: Scale = "unknown"
    cls: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How well a fitted model did on some rows, as something measured it; `fit` None: one model for each fold.

    `curve`: for many thresholds at once, or after each stage of the fit. `below_zero`: an error with its sign turned,
    so that more is better, as it came out or as a mean: nothing was done to it since that may turn it back.
    """

    metric: str
    origin: Origin
    fit: FitRecord | None
    rows: Rows | None
    form: Form = ""
    curve: bool = False
    below_zero: bool = False


@dataclass(frozen=True, slots=True)
class Estimator:
    """An estimator object. `kinds` as scikit-learn names them; `steps` for pipelines and other containers.

    `made` is the call that made it. `handed_over`: code that was not followed had it, and may have fitted it.
    """

    cls: str
    kinds: tuple[str, ...]
    params: tuple[tuple[str, Value], ...] = ()
    steps: tuple[tuple[str, Value], ...] = ()
    fitted: FitRecord | None = None
    certain: bool = True
    made: Origin | None = None
    handed_over: bool = False

    def param(self, name: str) -> Value | None:
        return next((value for key, value in self.params if key == name), None)


Iterates = Literal["loader", "range", "data", "list", "folds", "unknown"]

# --- other objects ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListObject:
    """`items` None: elements not known one by one; `element` then stands for any of them.

    `iterates` says what a loop over it goes through, where that is more than a list: folds, batches, a range.
    `numbers` are those of a range, where they are known.
    `selects` is set for positions of rows: the choices they stand for. `source` is what `enumerate` and its kind go
    through.
    """

    items: tuple[Value, ...] | None
    element: Value = UNKNOWN
    iterates: Iterates = "list"
    numbers: range | None = None
    selects: tuple[Choice, ...] | None = None
    source: Value | None = None


@dataclass(frozen=True, slots=True)
class DictObject:
    """Values by literal key. `open`: there may be other keys. `bunch`: keys are attributes too.

    `factory` makes the value of a key that is asked for first; `symbol` says what of a library it is, as that names it.
    """

    items: tuple[tuple[Hashable, Value], ...]
    open: bool = False
    element: Value = UNKNOWN
    bunch: bool = False
    factory: Value | None = None
    symbol: str = ""

    def get(self, key: Hashable) -> Value | None:
        return next((value for name, value in self.items if name == key), None)

    def put(self, key: Hashable, value: Value) -> DictObject:
        rest = tuple(item for item in self.items if item[0] != key)
        return replace(self, items=(*rest, (key, value)))

    def without(self, key: Hashable) -> DictObject:
        """Where the key `...`, which is not known, is taken out, each may be gone."""
        if key is ...:
            return replace(self, open=True)
        return replace(self, items=tuple(item for item in self.items if item[0] != key))


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of the program's own class; its attributes are kept in the state under (Ref, name)."""

    cls: ClassValue


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that was made by code not followed, or handed in from outside (`assumed`).

    `symbol` is the library name that made it, where known: enough to know an optimiser or a splitter. `parts` are the
    values it is about: the data set of a loader, the modules an optimiser steps; `params` what else it was told; `rows`
    those a loader goes through.
    """

    symbol: str = ""
    label: str = ""
    assumed: bool = False
    parts: tuple[Value, ...] = ()
    params: tuple[tuple[str, Value], ...] = ()
    rows: Rows | None = None

    def param(self, name: str) -> Value | None:
        return next((value for key, value in self.params if key == name), None)


HeapObject: TypeAlias = Data | Estimator | ListObject | DictObject | Instance | Opaque


def merge_learned(*groups: tuple[Learned, ...]) -> tuple[Learned, ...]:
    """Union in order of first sight, one entry per place and columns; bounded."""
    merged: dict[tuple[Origin, tuple[str, ...] | None], Learned] = {}
    for group in groups:
        for item in group:
            merged.setdefault((item.origin, item.columns), item)
    return tuple(merged.values())[:24]


def filling(learned: tuple[Learned, ...]) -> tuple[Learned, ...]:
    """Statistics that fill gaps."""
    return tuple(replace(item, family="fill") if item.family == "statistic" else item for item in learned)


def merge_fits(*groups: tuple[FitRecord, ...]) -> tuple[FitRecord, ...]:
    """Union in order of first sight; bounded."""
    return tuple(dict.fromkeys(record for group in groups for record in group))[:4]


def merge_scores(*groups: tuple[Score, ...]) -> tuple[Score, ...]:
    """Union in order of first sight, one entry per place and model; bounded."""
    merged: dict[tuple[Origin, Origin | None], Score] = {}
    for group in groups:
        for item in group:
            key = item.origin, item.fit.origin if item.fit is not None else None
            known = merged.get(key, item)
            # Where it is turned on one way that leads here, its sign is not known.
            merged[key] = item if known.below_zero == item.below_zero else replace(item, below_zero=False)
    return tuple(merged.values())[:32]


def statistic(learned: tuple[Learned, ...], kind: DataKind = "scalar") -> Data:
    """A value computed over rows: it has none itself, and remembers which it saw."""
    return Data(kind=kind, rows=NO_ROWS, learned=learned)
