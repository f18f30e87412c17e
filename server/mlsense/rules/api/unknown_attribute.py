"""A name that a library's module or class does not have and never had: a typing error."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.asking import missing_names
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import nearest
from mlsense.rules.reading import innermost, location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.succession import WHOLE, change_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.library import Offer
    from mlsense.rules.asking import Asked
    from mlsense.semantics.program import Trace


# What the base leaves out of every library.
_UNSEEN = ("_", "conftest", "tests")
# How alike a misspelt name and the one that was meant are, from 0 to 1.
_SLIP = 0.75


def check(trace: Trace) -> Iterator[Draft]:
    for asked in missing_names(trace, _is_slip):
        meant = meant_by(asked.offer, asked.dotted)
        found = location(trace, asked.place) if meant is not None else None
        if meant is not None and found is not None:
            message = f"`{asked.owner}` has no `{asked.name}`. Did you mean `{meant}`?"
            yield Draft(message, found, fix=_meant(trace, asked, meant))


def _is_slip(asked: Asked) -> bool:
    # What is asked of an estimator is for `attr-not-on-estimator` to say.
    return asked.thing is None and meant_by(asked.offer, asked.dotted) is not None


def meant_by(offered: Offer, dotted: str) -> str | None:
    """The name that was meant by one that a version of a library does not have and that no version has.

    Names that are near to none are left alone: of modules that are not for most users the base does not know all, and
    nobody misspells a name beyond recognition.
    """
    owner, _, name = dotted.rpartition(".")
    names = _all_there_is(offered, owner) if offered.library.name in WHOLE and not name.startswith(_UNSEEN) else None
    if names is None or name in names or change_of(offered, dotted) is not None:
        return None
    meant = nearest(name, [each for each in names if not each.startswith("_")])
    if meant is None or difflib.SequenceMatcher(None, name, meant).ratio() < _SLIP:
        return None
    versions = (offered.library.at(version) for version in offered.library.versions)
    return None if any(each is not None and each.find(dotted) is not None for each in versions) else meant


def _all_there_is(offered: Offer, owner: str) -> tuple[str, ...] | None:
    """The names of the module or class; None where there may be more than is known."""
    children = offered.children(owner)
    if children is not None:
        return children
    members = offered.members(owner)
    if members is None or not members.closed:
        return None
    return (*members.methods, *members.properties, *members.attributes)


def _meant(trace: Trace, asked: Asked, meant: str) -> Fix | None:
    text = editing.text_at(trace, asked.place)
    if text is None or innermost(trace, asked.place) is None:
        return None
    before, name, after = text.rpartition(asked.name)
    whole = before == "" or before.endswith(".")
    if name != asked.name or not whole or (after and not after.startswith((" ", "\t"))):
        return None
    if asked.imported and not after and "." not in text:
        # What the program calls it stays: its uses are not touched.
        after = f" as {asked.name}" if asked.name in _used_elsewhere(trace, asked) else ""
    return Fix.of(f"Write `{meant}`", "unsafe", editing.replaced(trace, asked.place, f"{before}{meant}{after}"))


def _used_elsewhere(trace: Trace, asked: Asked) -> tuple[str, ...]:
    used = {unit for unit, _ in trace.uses.get(asked.name, ())}
    return (asked.name,) if used - {asked.place.unit} else ()


RULE = Rule(
    name="unknown-attribute",
    family="api",
    severity=Severity.ERROR,
    summary="A module or class of a library is asked for a name that it does not have and never had.",
    finds="""
        `np.arrange`, `pd.read_cvs`, `from sklearn.model_selection import train_test_spilt`: names that no known version
        of the library has, next to one that it has.
        """,
    matters="""
        The line raises AttributeError or ImportError, in a notebook or a training script often after the slow part.
        """,
    silent="""
        Names that are near to none there is; modules and classes that make names at run time; libraries other than
        scikit-learn, imbalanced-learn, pandas and NumPy; names the program puts there itself; names that begin with
        `_`; attributes of objects; code inside `try`, `hasattr` or under a test for a version; versions newer than the
        newest that is known.
        """,
    repair="""
        Writes the nearest name there is, where one is nearer than all others. Unsafe: only you know what was meant.
        """,
    bad=(
        example(
            """
            import numpy as np

            print(np.arrange(5))  # <- unknown-attribute
            """
        ),
        example(
            """
            from sklearn.model_selection import train_test_spilt  # <- unknown-attribute

            print(len(train_test_spilt([1, 2, 3, 4], random_state=0)))
            """
        ),
        example(
            """
            import sklearn.metrics

            print(sklearn.metrics.acuracy_score([0, 1], [0, 1]))  # <- unknown-attribute
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.Dataframe({"price": [1, 2]})  # <- unknown-attribute
            print(homes)
            """
        ),
        example(
            """
            import pandas as pd


            def days(rows):
                return pd.to_datatime(rows)  # <- unknown-attribute


            print(days(["2024-01-01"]))
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            import pandas as pd

            print(np.arange(5), np.linalg.norm([3, 4]), np.random.default_rng(0), pd.to_datetime(["2024-01-01"]))
            """
        ),
        example(
            """
            from sklearn.model_selection import train_test_split

            print(len(train_test_split([1, 2, 3, 4], random_state=0)))
            """
        ),
        example(
            """
            import numpy as np

            np.arrange = np.arange
            print(np.arrange(5))
            del np.arrange
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            homes.anything = 3
            print(homes.price, homes.area.sum(), homes.anything)
            """
        ),
        example(
            """
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            model = make_pipeline(StandardScaler(), LogisticRegression()).fit([[0], [1]], [0, 1])
            print(model.predict([[0]]), model.classes_, model.named_steps.standardscaler.mean_, model[-1].coef_)
            """
        ),
        example(
            """
            import numpy as np
            import sklearn

            print(np.__version__, sklearn.__version__, np.ma.array([1]).mask, np.float64(3).item())
            if hasattr(np, "arrange"):
                print(np.arrange(5))
            """
        ),
    ),
    check=check,
    raises=("AttributeError", "ImportError"),
)
