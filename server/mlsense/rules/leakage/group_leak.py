"""Rows of one patient, customer or machine go to the training part and to the test part."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.entities import Entity, entity, repeated
from mlsense.rules.finding import Edit, Fix, Severity
from mlsense.rules.importing import imported_beside, imported_from
from mlsense.rules.reading import innermost, location, node_at, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.splitters import exchanged, splitter_at
from mlsense.rules.values import insertion
from mlsense.semantics.core import constant, text_of
from mlsense.semantics.events import Called
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.models.frames import single_name
from mlsense.semantics.regions import Region
from mlsense.semantics.values import Const, Data, Estimator, Method, Opaque, Place, Symbol
from mlsense.text import TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.datafiles import ColumnProfile, Table
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Source
    from mlsense.semantics.values import Value

_FUNCTIONS = frozenset(("cross_val_score", "cross_validate", "cross_val_predict"))
_ONE_BY_ONE = frozenset(
    """
        KFold StratifiedKFold RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedShuffleSplit LeaveOneOut
        """.split()
)
_IN_STRETCHES = frozenset(("KFold", "StratifiedKFold"))
_BY_GROUP = {
    "train_test_split": "GroupShuffleSplit",
    "ShuffleSplit": "GroupShuffleSplit",
    "StratifiedShuffleSplit": "GroupShuffleSplit",
    "StratifiedKFold": "StratifiedGroupKFold",
    "RepeatedStratifiedKFold": "StratifiedGroupKFold",
    "LeaveOneOut": "LeaveOneGroupOut",
}
# What leaves the rows of everyone among those it picks, if there are many.
_HARMLESS = frozenset(("dropna", "sample"))


@dataclass(frozen=True, slots=True)
class Division:
    """Rows are divided one by one: by what, and which; `shuffles`: neighbours go to different parts."""

    event: Called
    name: str
    x: Value | None
    y: Value | None
    shuffles: bool
    groups: Value | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why rows belong together: in words, how certain, and what one of the groups is called."""

    says: str
    known: Entity
    severity: Severity
    place: Place | None = None


def check(trace: Trace) -> Iterator[Draft]:
    said = trace.that(_groups, Called) or trace.that(_groups_by_id, Called)
    for event in trace.that(_divides, Called) if said else trace.that(_shows, Called):
        division = division_of(event)
        found = location(trace, event.call)
        if division is None or found is None:
            continue
        x = event.object(division.x)
        region = _region(x) if isinstance(x, Data) else None
        evidence = (
            _ignored(trace, division) or _of_file(division, region) or _of_program(trace, division, region)
            if region is not None
            else None
        )
        if evidence is None or _is_asked_for(event, division, evidence.known):
            continue
        noun = evidence.known.noun or f"`{evidence.known.column}`"
        split = division.name == "train_test_split"
        better = _BY_GROUP.get(division.name, "GroupKFold")
        parts = "are in both parts" if split else "train the model and test it"
        yield Draft(
            f"{evidence.says}, and `{division.name}` deals rows out one by one: rows of one {noun} {parts}, so the "
            f"score is too good for any {noun} that the model has not seen. Use `{better}`.",
            found,
            related(trace, (evidence.place, "this says which rows belong together")),
            _fix(trace, division, region, evidence.known) if region is not None else None,
            evidence.severity,
        )


# --- what divides rows -------------------------------------------------------------------------------


def _divides(event: Called) -> bool:
    return division_of(event) is not None


def _shows(event: Called) -> bool:
    """Whether by itself it shows that rows belong together: by a data file, or by groups that are ignored."""
    division = division_of(event)
    x = event.object(division.x) if division is not None else None
    region = _region(x) if isinstance(x, Data) else None
    if division is None or region is None:
        return False
    return division.groups is not None or _of_file(division, region) is not None


def division_of(event: Called) -> Division | None:
    """How a call divides rows, where it does so without regard to whose they are."""
    if not event.exact or event.guarded:
        return None
    callee, thing = event.callee, event.thing
    short = callee.name.rpartition(".")[2]
    if isinstance(callee, Symbol) and callee.name.startswith("sklearn.model_selection."):
        if short == "train_test_split":
            shuffles = constant(event.argument(None, "shuffle") or Const.of(True)) is True
            y = event.args[1] if len(event.args) > 1 else None
            return Division(event, short, event.args[0] if event.args else None, y, True) if shuffles else None
        if short in _FUNCTIONS:
            x, y, groups = (event.argument(place, name) for place, name in ((1, "X"), (2, "y"), (None, "groups")))
            return _by_folds(event, event.argument(None, "cv"), short, x, y, groups)
    elif isinstance(callee, Method) and callee.name == "split" and isinstance(thing, Opaque):
        x, y, groups = (event.argument(place, name) for place, name in ((0, "X"), (1, "y"), (2, "groups")))
        return _by_splitter(event, thing, x, y, groups)
    elif isinstance(callee, Method) and callee.name == "fit" and isinstance(thing, Estimator):
        name = thing.cls.rpartition(".")[2]
        x, y, groups = (event.argument(place, name) for place, name in ((0, "X"), (1, "y"), (None, "groups")))
        searches = thing.cls.startswith("sklearn.") and name in SEARCHES
        return _by_folds(event, thing.param("cv"), name, x, y, groups) if searches else None
    return None


def _by_folds(
    event: Called, cv: Value | None, name: str, x: Value | None, y: Value | None, groups: Value | None
) -> Division | None:
    number = constant(cv)
    if cv is None or number is None or (isinstance(number, int) and not isinstance(number, bool)):
        return Division(event, name, x, y, False, groups)
    thing = event.object(cv)
    return _by_splitter(event, thing, x, y, groups) if isinstance(thing, Opaque) else None


def _by_splitter(
    event: Called, thing: Opaque, x: Value | None, y: Value | None, groups: Value | None
) -> Division | None:
    name = thing.symbol.rpartition(".")[2]
    if not thing.symbol.startswith("sklearn.model_selection.") or name not in _ONE_BY_ONE:
        return None
    told = thing.param("shuffle")
    if name in _IN_STRETCHES:
        asked = False if told is None else constant(told)
        return Division(event, name, x, y, asked, groups) if isinstance(asked, bool) else None
    return Division(event, name, x, y, True, groups)


# --- what says that rows belong together -------------------------------------------------------------


def _region(x: Data) -> Region | None:
    """The one source that rows are of, if nothing that picked some of them may have left one of each."""
    if x.rows is None or len(x.rows.parts) != 1 or x.rows.made_from:
        return None
    (part,) = x.rows.parts
    harmless = all(
        choice.kind in ("split", "fold", "sample") or (choice.kind == "filter" and choice.branch in _HARMLESS)
        for choice in part.path
    )
    return part if harmless else None


def _ignored(trace: Trace, division: Division) -> Evidence | None:
    """`groups` are handed to a splitter that does not look at them."""
    event = division.event
    data = event.object(division.groups)
    if division.groups is None or constant(division.groups) is None or not isinstance(data, Data):
        return None
    name = single_name(data) or ""
    known = entity(name) or Entity(name, "group")
    if any(each.call == event.call for each in trace.that(_groups, Called)):
        # The same line is run with splitters that look at them: they are being compared.
        return None
    return Evidence(f"`groups` is given{f', `{name}`,' if name else ''} but not looked at", known, Severity.WARNING)


def _of_file(division: Division, region: Region | None) -> Evidence | None:
    table = region.source.table if region is not None else None
    found = repeated(table) if table is not None else None
    if table is None or found is None:
        return None
    known, column = found
    if not division.shuffles and column.runs <= 1.5 * column.distinct:
        # Neighbours, that stay together but for those at the ends of folds.
        return None
    return Evidence(_in_words(table, column), known, Severity.WARNING)


def _in_words(table: Table, column: ColumnProfile) -> str:
    rows = f"{table.rows:,} rows" if table.whole else f"the first {table.rows:,} rows"
    return f"`{column.name}` has {column.distinct:,} values in {rows}"


def _of_program(trace: Trace, division: Division, region: Region | None) -> Evidence | None:
    """The program itself keeps rows together elsewhere: groups of a splitter, or of `groupby`."""
    if region is None or not division.shuffles:
        return None
    for event in trace.that(_groups, Called):
        given = event.object(event.argument(2, "groups") if event.callee.name == "split" else _groups_of(event))
        if isinstance(given, Data) and _is_of(given, region.source):
            name = single_name(given) or ""
            known = entity(name) or Entity(name, "group")
            says = f"Rows are kept together by `{name or 'groups'}` {where(trace, event.call, division.event.call)}"
            return Evidence(says, known, Severity.WARNING, event.call)
    if region.source.table is not None and region.source.table.whole:
        # It shows that they are not repeated.
        return None
    for event in trace.that(_groups_by_id, Called):
        name = text_of(event.argument(0, "by")) or ""
        known_id = entity(name)
        if isinstance(event.thing, Data) and _is_of(event.thing, region.source) and known_id:
            says = (
                f"`groupby({name!r})` {where(trace, event.call, division.event.call)} says that there are several rows "
                f"of one {known_id.noun or name}"
            ).replace("'", '"')
            return Evidence(says, known_id, Severity.INFORMATION, event.call)
    return None


def _groups_of(event: Called) -> Value | None:
    return event.argument(None, "groups")


def _groups(event: Called) -> bool:
    """Whether rows are divided with regard to whose they are."""
    if isinstance(event.callee, Method) and event.callee.name == "split":
        by_group = isinstance(event.thing, Opaque) and "Group" in event.thing.symbol
        return by_group and event.argument(2, "groups") is not None
    if event.argument(None, "groups") is None or event.callee.name.rpartition(".")[2] not in _FUNCTIONS:
        return False
    cv = event.object(event.argument(None, "cv"))
    return isinstance(cv, Opaque) and "Group" in cv.symbol


def _groups_by_id(event: Called) -> bool:
    if not isinstance(event.callee, Method) or event.callee.name != "groupby" or not isinstance(event.thing, Data):
        return False
    name = text_of(event.argument(0, "by"))
    known = entity(name) if name is not None else None
    return known is not None and not known.alone


def _is_of(data: Data, source: Source) -> bool:
    return data.rows is not None and [part.source for part in data.rows.parts] == [source]


def _is_asked_for(event: Called, division: Division, known: Entity) -> bool:
    """Whether the entity itself is what is predicted, or each is to be in both parts."""
    for value in (division.y, event.argument(None, "stratify")):
        data = event.object(value)
        if isinstance(data, Data) and known.column and _holds(data, known.column):
            return True
    return False


def _holds(data: Data, name: str) -> bool:
    own = data.columns is not None and data.columns.get(name) is not None
    return own or any(isinstance(each, tuple) and each[-1:] == (name,) for each in data.sources)


# --- the fix -----------------------------------------------------------------------------------------


def _fix(trace: Trace, division: Division, region: Region, known: Entity) -> Fix | None:
    event, node = division.event, node_at(trace, division.event.call)
    calls = any(isinstance(step, Place) for step in event.origin.path)
    if region.path or division.groups is not None or calls or not isinstance(node, ast.Call):
        return None
    groups = _column_in(trace, event, region, known.column)
    if groups is None:
        return None
    if division.name == "train_test_split":
        plain = all(isinstance(each, (ast.Name, ast.Subscript)) for each in node.args)
        return _split_by_groups(trace, event, node, groups) if plain else None
    return _folds_by_groups(trace, division, node, groups)


def _folds_by_groups(trace: Trace, division: Division, node: ast.Call, groups: str) -> Fix | None:
    """`cross_val_score(model, X, y, cv=GroupKFold(5), groups=...)`: a splitter that looks at groups, and the groups."""
    event = division.event
    found = splitter_at(trace, event.call)
    if found is None or found.readers != 1 or any(keyword.arg == "groups" for keyword in node.keywords):
        return None
    better = _BY_GROUP.get(found.name, "GroupKFold")
    if found.name and found.name not in _ONE_BY_ONE:
        return None
    arguments = found.number
    if found.made is not None and better in ("GroupShuffleSplit", "StratifiedGroupKFold"):
        # They are told the same, and of `RepeatedStratifiedKFold` what one round is told.
        told = [*(ast.unparse(each) for each in found.made.args)]
        told += [ast.unparse(each) for each in found.made.keywords if each.arg != "n_repeats"]
        arguments = ", ".join(told)
        if found.name == "RepeatedStratifiedKFold":
            arguments = found.number
    if better == "LeaveOneGroupOut":
        arguments = ""
    edits = exchanged(trace, found, better, arguments)
    handed = insertion(trace, event.call, node, f"groups={groups}")
    if edits is None or handed is None:
        return None
    return Fix("Keep the rows of each together", "unsafe", _joined([*edits, handed]))


def _joined(edits: list[Edit]) -> tuple[Edit, ...]:
    """Of two insertions at one place one, in their order."""
    made: list[Edit] = []
    for edit in edits:
        twin = next((each for each in made if (each.cell, each.edit.span) == (edit.cell, edit.edit.span)), None)
        if twin is None:
            made.append(edit)
        else:
            whole = TextEdit(twin.edit.span, twin.edit.new_text + edit.edit.new_text)
            made[made.index(twin)] = Edit(edit.cell, whole)
    return tuple(made)


def _column_in(trace: Trace, event: Called, region: Region, column: str) -> str | None:
    """The column as the program can write it at a call: of a name that is bound above it for the last time."""
    line = trace.line_of(event.call)
    for place, sighting in trace.sightings.items():
        thing = sighting.object
        if not isinstance(thing, Data) or thing.kind != "frame" or thing.rows is None or sighting.path:
            continue
        if thing.rows.parts != (region,) or thing.columns is None or thing.columns.get(column) is None:
            continue
        uses = trace.uses.get(sighting.name, ())
        bound = [trace.order[unit] for unit, mention in uses if not mention.reads and unit in trace.order]
        there, number = trace.line_of(place), trace.order.get(place.unit)
        if there is None or number is None or line is None or there >= line or not sighting.name.isidentifier():
            continue
        if bound and max(bound) <= number:
            return f'{sighting.name}["{column}"]' if '"' not in column and "\\" not in column else None
    return None


def _split_by_groups(trace: Trace, event: Called, node: ast.Call, groups: str) -> Fix | None:
    statement = innermost(trace, event.call)
    names = [keyword.arg for keyword in node.keywords]
    if not isinstance(statement, ast.Assign) or statement.value is not node or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2 * len(node.args) or not node.args:
        return None
    if not set(names) <= {"test_size", "random_state", "shuffle", "train_size"}:
        return None
    written = [editing.text_at(trace, place_in(event.call, each)) for each in node.args]
    parts = [ast.unparse(each) for each in target.elts]
    tables = [event.object(value) for value in event.args]
    if any(text is None or "\n" in text for text in written) or any(not isinstance(each, Data) for each in tables):
        return None
    if any(isinstance(each, Data) and each.kind not in ("frame", "series", "array") for each in tables):
        return None
    told = [
        f"{keyword.arg}={editing.text_at(trace, place_in(event.call, keyword.value))}"
        for keyword in node.keywords
        if keyword.arg != "shuffle"
    ]
    if not {"test_size", "train_size"} & set(names):
        # What `train_test_split` takes where nothing is said; the splitter takes a fifth of the groups.
        told.insert(0, "test_size=0.25")
    if any(name in trace.uses for name in ("rows_train", "rows_test")):
        return None
    lines = [
        f"splitter = GroupShuffleSplit({', '.join(['n_splits=1', *told])})",
        f"rows_train, rows_test = next(splitter.split({written[0]}, groups={groups}))",
    ]
    for index, (text, thing) in enumerate(zip(written, tables, strict=True)):
        taken = f"{text}.iloc" if isinstance(thing, Data) and thing.kind != "array" else f"{text}"
        lines.append(f"{parts[2 * index]}, {parts[2 * index + 1]} = {taken}[rows_train], {taken}[rows_test]")
    place = Place.of(event.call.unit, statement)
    found = editing.lines_of(trace, place)
    indent = editing.indentation(trace, place)
    if found is None or indent is None or "splitter" in trace.uses:
        return None
    ending = editing.newline(trace, found[0])
    edits: list[Edit | None] = [editing.replaced(trace, place, (ending + indent).join(lines))]
    if imported_from(trace, "GroupShuffleSplit") is None:
        edits.append(imported_beside(trace, "sklearn.model_selection", "GroupShuffleSplit"))
    return Fix.of("Keep the rows of each together", "unsafe", *edits)


RULE = Rule(
    name="group-leak",
    family="leakage",
    severity=Severity.WARNING,
    summary="Rows of one patient, customer or machine are in the training part and in the test part.",
    finds="""
        `train_test_split`, cross-validation, searches and splitters that deal out rows one by one, where several rows
        belong to one patient, customer, machine or session: the data file in the workspace, or the table as it is
        written down, has a column such as `patient_id` of which values repeat; or the program itself keeps rows
        together elsewhere by `groups=`, or hands `groups` to a splitter that does not look at them. Where only a
        `groupby("customer_id")` says so, it is an information.
        """,
    matters="""
        Rows of one patient are alike. A model that has seen some of them recognises the others, and what it then scores
        says nothing of patients who come next. How much too good the score is depends on how alike the rows of one
        patient are.
        """,
    silent="""
        Columns of which each value is there once, or only few are; splitters that look at groups or keep the order of
        time; rows in the order of their groups, in folds that are stretches of rows; one row picked of each; tables of
        users and what they choose; programs that predict the group itself, or stratify by it; code inside `try`.
        """,
    repair="""
        Divides by `GroupShuffleSplit`, or passes `groups` and `GroupKFold` to cross-validation, where the table that
        has the column is at hand under a name. Not quite safe: shares of rows and of classes in the parts change.
        """,
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier

            visits = pd.DataFrame(
                {
                    "patient_id": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
                    "age": [41, 41, 52, 52, 38, 38, 67, 67, 59, 59, 45, 45],
                    "sick": [0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0],
                }
            )
            X, y = visits[["age"]], visits["sick"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)  # <- group-leak
            print(KNeighborsClassifier(n_neighbors=1).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            first = "Machine ID,heat,wear\\nA1,20,3\\nB2,50,7\\nC3,35,4\\nD4,42,9\\nE5,28,6\\n"
            again = "A1,21,3\\nB2,49,7\\nC3,36,4\\nD4,41,9\\nE5,27,6\\n"
            runs = pd.read_csv(StringIO(first + again))
            scores = cross_val_score(LinearRegression(), runs[["heat"]], runs["wear"], cv=2)  # <- group-leak
            print(scores)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import GroupKFold, cross_val_score, train_test_split

            rng = np.random.default_rng(0)
            table = pd.DataFrame({"site": rng.integers(0, 12, 120), "x": rng.normal(size=120)})
            table["y"] = rng.integers(0, 2, 120)
            X, y = table[["x"]], table["y"]
            forest = RandomForestClassifier(n_estimators=10, random_state=0)
            print(cross_val_score(forest, X, y, groups=table["site"], cv=GroupKFold(4)))
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)  # <- group-leak
            print(forest.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import KFold

            rng = np.random.default_rng(0)
            speaker = rng.integers(0, 20, 100)
            X, y = rng.normal(size=(100, 3)), rng.normal(size=100)
            folds = KFold(5, shuffle=True, random_state=0)
            for train, test in folds.split(X, y, groups=speaker):  # <- group-leak
                print(Ridge().fit(X[train], y[train]).score(X[test], y[test]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import GridSearchCV, StratifiedKFold
            from sklearn.tree import DecisionTreeClassifier

            calls = pd.DataFrame(
                {
                    "userId": [7, 9, 11, 13, 15, 7, 9, 11, 13, 15],
                    "minutes": [3, 4, 8, 9, 2, 3, 5, 8, 9, 1],
                    "left": [0, 0, 1, 1, 0, 0, 0, 1, 1, 0],
                }
            )
            folds = StratifiedKFold(2, shuffle=True, random_state=0)
            search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, cv=folds)
            search.fit(calls[["minutes"]], calls["left"])  # <- group-leak
            print(search.best_score_)
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.model_selection import GroupShuffleSplit
            from sklearn.neighbors import KNeighborsClassifier

            visits = pd.DataFrame(
                {
                    "patient_id": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
                    "age": [41, 41, 52, 52, 38, 38, 67, 67, 59, 59, 45, 45],
                    "sick": [0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0],
                }
            )
            X, y = visits[["age"]], visits["sick"]
            splitter = GroupShuffleSplit(n_splits=1, test_size=0.5, random_state=0)
            train, test = next(splitter.split(X, y, groups=visits["patient_id"]))
            model = KNeighborsClassifier(n_neighbors=1).fit(X.iloc[train], y.iloc[train])
            print(model.score(X.iloc[test], y.iloc[test]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeRegressor

            # One row each: an id is no reason to do anything.
            houses = pd.DataFrame(
                {"id": [1, 2, 3, 4, 5, 6, 7, 8], "area": [80, 95, 120, 70, 60, 88, 130, 75]}
            )
            train, test = train_test_split(houses, random_state=0)
            print(DecisionTreeRegressor().fit(train[["id"]], train["area"]).predict(test[["id"]]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split

            visits = pd.DataFrame(
                {
                    "patient_id": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
                    "age": [41, 41, 52, 52, 38, 38, 67, 67, 59, 59, 45, 45],
                }
            )
            # The patients are divided, not the rows.
            known, new = train_test_split(visits["patient_id"].unique(), random_state=0)
            print(len(visits[visits["patient_id"].isin(known)]), len(visits[visits["patient_id"].isin(new)]))
            first = visits.drop_duplicates("patient_id")
            print(train_test_split(first, random_state=0)[0])
            means = visits.groupby("patient_id", as_index=False).mean()
            print(train_test_split(means, random_state=0)[0])
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier

            # Who is speaking is what is asked: each speaker has to be in both parts.
            voices = pd.DataFrame(
                {
                    "speaker": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
                    "pitch": [110, 112, 205, 199, 150, 149, 180, 178, 90, 92],
                    "highest": [140, 141, 260, 251, 170, 172, 240, 233, 120, 118],
                }
            )
            X, y = voices[["pitch", "highest"]], voices["speaker"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
            print(KNeighborsClassifier(n_neighbors=1).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split

            # Ratings are known by who gives them and to what: users are meant to be known.
            ratings = pd.DataFrame(
                {
                    "userId": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
                    "movieId": [10, 11, 10, 12, 11, 13, 13, 14, 12, 14],
                    "rating": [4, 3, 5, 2, 4, 4, 1, 3, 5, 2],
                }
            )
            train, test = train_test_split(ratings, test_size=0.2, random_state=0)
            print(test["rating"].sub(train.groupby("movieId")["rating"].mean().mean()).abs().mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.model_selection import TimeSeriesSplit, cross_val_score

            sales = pd.DataFrame(
                {
                    "customer_id": [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2],
                    "week": [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3],
                    "amount": [5, 6, 3, 8, 9, 5, 7, 3, 8, 8, 6, 7],
                }
            )
            forest = RandomForestRegressor(n_estimators=5, random_state=0)
            print(cross_val_score(forest, sales[["week"]], sales["amount"], cv=TimeSeriesSplit(3)))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            # In the order of patients, and each fold is a stretch of rows.
            visits = pd.DataFrame(
                {
                    "patient_id": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
                    "age": [41, 41, 52, 52, 38, 38, 67, 67, 59, 59, 45, 45],
                    "dose": [3, 4, 5, 5, 2, 3, 8, 7, 6, 6, 4, 4],
                }
            )
            print(cross_val_score(LinearRegression(), visits[["age"]], visits["dose"], cv=3))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.model_selection import GroupKFold, KFold

            X, groups = np.arange(24).reshape(12, 2), np.repeat([1, 2, 3, 4], 3)
            for splitter in (KFold(4), GroupKFold(4)):
                for train, test in splitter.split(X, groups=groups):
                    print(type(splitter).__name__, sorted(set(groups[train]) & set(groups[test])))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [cross-validation iterators for grouped data]"
        "(https://scikit-learn.org/stable/modules/cross_validation.html#cross-validation-iterators-for-grouped-data)",
    ),
)
