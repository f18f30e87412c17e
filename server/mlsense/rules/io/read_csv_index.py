"""The row numbers that a table was saved with come back as a feature."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Fix, Severity
from mlsense.rules.inputs import argument_place, predicts
from mlsense.rules.reading import location, node_at, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import insertion
from mlsense.semantics.events import CrossValidate, Fit
from mlsense.semantics.models.estimators import short
from mlsense.semantics.values import Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Column, Data, Place

_NAME = "Unnamed: 0"
_FEWEST = 3


def check(trace: Trace) -> Iterator[Draft]:
    trainings: list[Fit | CrossValidate] = [*trace.that(_counts_rows, Fit)]
    for event in (*trainings, *trace.that(_counts_rows, CrossValidate)):
        place = argument_place(trace, event)
        found = location(trace, place)
        model = next((leaf for leaf in event.leaves or () if predicts(leaf)), None)
        if event.x is None or found is None or model is None:
            continue
        read = _read(event.x)
        yield Draft(
            f"`{_NAME}` numbers the rows: the file was saved with its index, and `{short(model.cls)}` learns from the "
            "place of a row in the file. Read it with `index_col=0`, or save it with `index=False`.",
            found,
            related(trace, (read, "the file is read here")) if read is not None else (),
            _fix(trace, read) if read is not None else None,
        )


def _counts_rows(event: Fit | CrossValidate) -> bool:
    x = event.x
    if x is None or x.columns is None or not event.leaves or x.rows is None or len(x.rows.parts) != 1:
        return False
    table = x.rows.parts[0].source.table
    return table is not None and table.whole and any(_is_index(column, table.rows) for column in x.columns.items)


def _is_index(column: Column, rows: int) -> bool:
    """Whether a column without a name counts the rows of its file, from 0 or 1."""
    known = column.profile
    if column.name != _NAME or known is None or rows < _FEWEST or not known.ordered or known.distinct != rows:
        return False
    return known.low in (0, 1) and known.high == known.low + rows - 1 and known.dtype.startswith("int")


def _read(x: Data) -> Place | None:
    base = x.lineage.base if x.lineage is not None else None
    return base.origin.place if isinstance(base, Ref) else None


def _fix(trace: Trace, read: Place) -> Fix | None:
    node = node_at(trace, read)
    if not isinstance(node, ast.Call) or any(each.arg in (None, "index_col", "usecols") for each in node.keywords):
        return None
    # Whoever names the column elsewhere misses it then.
    return Fix.of("Read the first column as the index", "unsafe", insertion(trace, read, node, "index_col=0"))


RULE = Rule(
    name="read-csv-index",
    family="io",
    severity=Severity.WARNING,
    summary="The row numbers that a table was saved with are among the features.",
    finds="""
        A CSV file whose first column has no name and counts its rows, because it was saved with `to_csv` without
        `index=False`, read without `index_col`, where that column is among the features of a model. What is in the file
        is read off the file in the workspace.
        """,
    matters="""
        The number of a row says nothing of new rows. In a file that is sorted, by class or by time, it says nearly
        all of the target: of scikit-learn's irises, which are sorted by kind, a decision tree tells 99 % by it alone.
        """,
    silent="""
        A first column that has a name or does not count the rows; one that is dropped or becomes the index before the
        model sees it; columns that are chosen by name; files that are not in the workspace.
        """,
    repair="Reads the first column as the index: `index_col=0`.",
    bad=(
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            people = pd.read_csv(StringIO(",age,bought\\n0,25,0\\n1,32,0\\n2,47,1\\n3,51,1\\n"))
            X, y = people.drop(columns=["bought"]), people["bought"]
            model = DecisionTreeClassifier(random_state=0).fit(X, y)  # <- read-csv-index
            print(model.predict(X))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.model_selection import train_test_split

            houses = pd.read_csv(StringIO(",area,price\\n0,80,200\\n1,70,190\\n2,120,310\\n3,90,220\\n4,60,150\\n"))
            X = houses.drop("price", axis=1)
            X_train, X_test, y_train, y_test = train_test_split(X, houses["price"], random_state=0)
            forest = RandomForestRegressor(n_estimators=5, random_state=0)
            forest.fit(X_train, y_train)  # <- read-csv-index
            print(forest.predict(X_test))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.model_selection import cross_val_score
            from sklearn.tree import DecisionTreeClassifier

            saved = StringIO(",size,kind\\n1,3,a\\n2,4,b\\n3,5,a\\n4,3,b\\n5,6,a\\n6,7,b\\n")
            table = pd.read_csv(saved)
            y = table.pop("kind")
            print(cross_val_score(DecisionTreeClassifier(random_state=0), table, y, cv=3))  # <- read-csv-index
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.linear_model import LinearRegression

            rows = pd.read_csv(StringIO(",dose,effect\\n0,1,2.0\\n1,2,4.1\\n2,3,5.9\\n3,4,8.2\\n"), sep=",")
            X = rows.iloc[:, :-1]
            LinearRegression().fit(X, rows["effect"])  # <- read-csv-index
            """
        ),
    ),
    good=(
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            people = pd.read_csv(StringIO(",age,bought\\n0,25,0\\n1,32,0\\n2,47,1\\n3,51,1\\n"), index_col=0)
            print(DecisionTreeClassifier(random_state=0).fit(people[["age"]], people["bought"]))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            people = pd.read_csv(StringIO(",age,bought\\n0,25,0\\n1,32,0\\n2,47,1\\n3,51,1\\n"))
            X = people.drop(columns=["Unnamed: 0", "bought"])
            print(DecisionTreeClassifier(random_state=0).fit(X, people["bought"]))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            people = pd.read_csv(StringIO(",age,bought\\n0,25,0\\n1,32,0\\n2,47,1\\n3,51,1\\n"))
            print(DecisionTreeClassifier(random_state=0).fit(people[["age"]], people["bought"]))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            # A first column without a name that counts nothing.
            people = pd.read_csv(StringIO(",age,bought\\n7,25,0\\n3,32,0\\n9,47,1\\n3,51,1\\n"))
            print(DecisionTreeClassifier(random_state=0).fit(people.drop(columns="bought"), people["bought"]))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            people = pd.read_csv(StringIO(",age,bought\\n0,25,0\\n1,32,0\\n2,47,1\\n3,51,1\\n")).set_index("Unnamed: 0")
            print(DecisionTreeClassifier(random_state=0).fit(people.drop(columns="bought"), people["bought"]))
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.tree import DecisionTreeRegressor

            # A day has a name: its number is a feature like any other.
            sales = pd.read_csv(StringIO("day,sold\\n0,12\\n1,15\\n2,11\\n3,19\\n"))
            print(DecisionTreeRegressor(random_state=0).fit(sales[["day"]], sales["sold"]))
            """
        ),
        example(
            """
            import pandas as pd

            table = pd.DataFrame({"age": [25, 32], "bought": [0, 1]})
            table.to_csv("people.csv", index=False)
            print(pd.read_csv("people.csv"))
            """
        ),
    ),
    check=check,
)
