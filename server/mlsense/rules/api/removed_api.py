"""A name, method or module that a library does not have any more, or not yet, in the version in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.asking import missing_names
from mlsense.rules.finding import Severity
from mlsense.rules.offering import since, version_of
from mlsense.rules.reading import location, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.succession import advice, change_of, fix_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.asking import Asked
    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for asked in missing_names(trace, lambda asked: change_of(asked.offer, asked.dotted) is not None):
        change = change_of(asked.offer, asked.dotted)
        found = location(trace, asked.place) if change is not None else None
        if change is None or found is None:
            continue
        shown = _shown(trace, asked)
        if change.kind == "added":
            raised = "the import fails" if asked.imported else "this raises AttributeError"
            have = version_of(trace, asked.dotted)
            comes = f"{change.of or 'version'} {change.version}"
            message = f"`{shown}` comes with {comes}, and you have {have}: {raised}."
            yield Draft(message, found)
            continue
        message = f"`{shown}` was removed {since(trace, asked.dotted, change)}: {advice(trace, asked, change)}."
        yield Draft(message, found, fix=fix_of(trace, asked))


def _shown(trace: Trace, asked: Asked) -> str:
    """As the program has it; a method with its class."""
    if asked.thing is not None:
        return ".".join(asked.dotted.split(".")[-2:])
    return asked.dotted if asked.imported else written(trace, asked.place, asked.dotted)


RULE = Rule(
    name="removed-api",
    family="api",
    severity=Severity.ERROR,
    summary="A name, method or module is used that the library no longer has in the version in force, or not yet.",
    finds="""
        `np.float`, `df.append(row)`, `from sklearn.externals import joblib`, `sklearn.cross_validation`, `load_boston`:
        what the library had in an older version and has no more, and what it only has in a newer one.
        """,
    matters="""
        The line raises AttributeError or ImportError, in code that ran before an upgrade or comes from an older book.
        The exception rarely says what took the place of the name.
        """,
    silent="""
        Code inside `try`, `hasattr` or under a test for a version; names the program puts there itself
        (`np.float = float`); columns of frames; objects whose class is not certain; modules and classes that make names
        at run time; libraries and versions the knowledge base does not have.
        """,
    repair="""
        Writes what took its place: the new name, the import from where it is now, `pd.concat([df, other])` for
        `df.append(other)`. Safe where the same thing has another name; unsafe where it is near to the old one. Where
        nothing takes its place there is no fix: the message says what to do.
        """,
    bad=(
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            more = pd.DataFrame({"price": [3], "area": [50]})
            homes = homes.append(more, ignore_index=True)  # <- removed-api
            print(homes)
            """
        ),
        example(
            """
            import numpy as np

            prices = np.array([1, 2, 3])
            print(prices.astype(np.float))  # <- removed-api
            """
        ),
        example(
            """
            from sklearn.externals import joblib  # <- removed-api
            from sklearn.linear_model import LogisticRegression

            print(joblib.hash(LogisticRegression().get_params()))
            """
        ),
        example(
            """
            from sklearn.cross_validation import train_test_split  # <- removed-api

            print(len(train_test_split([1, 2, 3, 4], random_state=0)))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.ix[:, "price"])  # <- removed-api
            for name, column in homes.iteritems():  # <- removed-api
                print(name, column.sum())
            """
        ),
        example(
            """
            import numpy as np


            def area(heights):
                return np.trapz(heights)  # <- removed-api


            print(area([1, 2, 3]))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd


            def is_old():
                return int(pd.__version__.split(".")[0]) < 2


            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            more = pd.DataFrame({"price": [3], "area": [50]})
            if is_old():
                homes = homes.append(more)
            else:
                homes = pd.concat([homes, more])
            newer = (lambda: pd.__version__ >= "2")()
            print(homes, homes.map(str) if newer else homes.applymap(str))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            more = pd.DataFrame({"price": [3], "area": [50]})
            print(pd.concat([homes, more], ignore_index=True))
            """
        ),
        example(
            """
            import numpy as np

            prices = np.array([1, 2, 3])
            print(prices.astype(float), np.float64(3), np.bool_(True))
            """
        ),
        example(
            """
            try:
                from sklearn.externals import joblib
            except ImportError:
                import joblib

            print(joblib.__version__)
            """
        ),
        example(
            """
            import numpy as np

            trapezoid = np.trapezoid if hasattr(np, "trapezoid") else np.trapz
            print(trapezoid([1, 2, 3]))
            """
        ),
        example(
            """
            import numpy as np

            np.float = float
            print(np.float("3"))
            del np.float
            """
        ),
        example(
            """
            import pandas as pd

            rows = [3]
            rows.append(4)
            homes = pd.DataFrame({"price": [1, 2], "ix": rows})
            print(homes.ix[0], homes.price.items())
            """
        ),
        example(
            """
            class Table:
                def append(self, row):
                    return self

                def iteritems(self):
                    return ()


            print(Table().append([1]).iteritems())
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd

            MAJOR = int(pd.__version__.split(".")[0])
            OLD = MAJOR < 2


            def both(frame, other):
                if not OLD:
                    return pd.concat([frame, other])
                return frame.append(other)


            homes = pd.DataFrame({"price": [1, 2]})
            print(both(homes, homes), homes.append(homes) if OLD else len(homes))
            print(np.trapezoid([1, 2]) if "trapezoid" in dir(np) else np.trapz([1, 2]), getattr(np, "float", float))
            """
        ),
        example(
            """
            from unittest.mock import patch

            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2]})
            with patch("pandas.DataFrame.append", create=True):
                print(homes.append(homes))
            """
        ),
    ),
    check=check,
    raises=("AttributeError", "ImportError"),
)
