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
from mlsense.rules.succession import WHOLE, change_of, fixed_import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.library import Offer
    from mlsense.rules.asking import Asked
    from mlsense.semantics.program import Trace


# What the base leaves out of every library.
_UNSEEN = ("_", "conftest", "tests")
# What PyTorch makes in C: `torch.sparse.ByteTensor`.
_MADE = ("Tensor", "Storage")
# Libraries of which the base leaves out modules that are not for most users, but no name of the others.
_READ = (
    "gym", "gymnasium", "keras", "lightgbm", "matplotlib", "optuna", "scipy", "seaborn", "statsmodels", "torch",
    "torchvision", "xgboost",
)  # fmt: skip
# Classes whose methods are all known: what is not among them may be a column, and is not called then.
_METHODS_KNOWN = ("numpy.ndarray", "pandas.DataFrame", "pandas.Series", "torch.Tensor")
_EITHER = ("pandas.DataFrame", "pandas.Series", "pandas.Index")
# How alike a misspelt name and the one that was meant are, from 0 to 1.
_SLIP = 0.75


def check(trace: Trace) -> Iterator[Draft]:
    for asked in missing_names(trace, _is_slip):
        found = location(trace, asked.place)
        if found is None:
            continue
        owner = asked.owner if asked.thing is None else asked.owner.rpartition(".")[2]
        if (home := home_of(asked.offer, asked.dotted)) is not None and asked.thing is None:
            message = f"`{owner}` has no `{asked.name}`: it is in `{home.rpartition('.')[0]}`."
            yield Draft(message, found, fix=fixed_import(trace, asked, home_of) if asked.imported else None)
        elif (meant := _meant_by(asked)) is not None:
            message = f"`{owner}` has no `{asked.name}`. Did you mean `{meant}`?"
            yield Draft(message, found, fix=_meant(trace, asked, meant))


def _is_slip(asked: Asked) -> bool:
    return (asked.thing is None and home_of(asked.offer, asked.dotted) is not None) or _meant_by(asked) is not None


def _meant_by(asked: Asked) -> str | None:
    if asked.thing is None:
        return meant_by(asked.offer, asked.dotted)
    # What is asked of an estimator is for `attr-not-on-estimator` to say.
    return method_meant(asked.offer, asked.dotted) if asked.call is not None else None


def meant_by(offered: Offer, dotted: str) -> str | None:
    """The name that was meant by one that a version of a library does not have and that no version has.

    Names that are near to none are left alone: of modules that are not for most users the base does not know all, and
    nobody misspells a name beyond recognition.
    """
    names = _all_beside(offered, dotted)
    if names is None:
        return None
    name = dotted.rpartition(".")[2]
    meant = nearest(name, [each for each in names if not each.startswith("_")])
    if meant is None or difflib.SequenceMatcher(None, name, meant).ratio() < _SLIP:
        return None
    # A module that the base may have left out is not called like a class or a function.
    entry = offered.find(f"{dotted.rpartition('.')[0]}.{meant}")
    if offered.library.name not in WHOLE and (entry is None or entry.kind not in ("class", "function")):
        return None
    return None if _ever_there(offered, dotted) else meant


def home_of(offered: Offer, dotted: str) -> str | None:
    """Where the class or function is, by its full name, that a module does not have and no version of it had."""
    owner, _, name = dotted.rpartition(".")
    home = _home(offered, owner, name) if _all_beside(offered, dotted) is not None else None
    if home is None or home == dotted or offered.find(owner) is None:
        return None
    return None if _ever_there(offered, dotted) else home


def _home(offered: Offer, owner: str, name: str) -> str | None:
    if offered.library.name not in WHOLE:
        # What is not called like a class may be a module that the base has left out.
        return offered.home(name) if name[:1].isupper() else None
    # `numpy.randint` is a method of an object that stands in `numpy.random`.
    below = (f"{owner}.{each}.{name}" for each in offered.known_children(owner) if not each.startswith("_"))
    found = [each for each in below if each.count(".") == 2 and offered.find(each) is not None]
    return offered.home(name) or (found[0] if len(found) == 1 else None)


def method_meant(offered: Offer, dotted: str) -> str | None:
    """The method that was meant by one that a class does not have whose methods are known."""
    owner, _, name = dotted.rpartition(".")
    members = offered.members(owner) if owner in _METHODS_KNOWN and offered.exact else None
    if members is None or name in members or name.startswith("_") or change_of(offered, dotted) is not None:
        return None
    # A column under an unknown name may be a frame, and what is taken for a frame a column.
    if owner in _EITHER and any(offered.find(f"{each}.{name}") is not None for each in _EITHER):
        return None
    meant = nearest(name, members.methods)
    if meant is None or difflib.SequenceMatcher(None, name, meant).ratio() < _SLIP:
        return None
    # Packages add methods of their own that are called like others: `iplot`, `hvplot`, `progress_apply`.
    if meant in name and name != f"{meant}s":
        return None
    return None if _ever_there(offered, dotted) else meant


def _ever_there(offered: Offer, dotted: str) -> bool:
    versions = (offered.library.at(version) for version in offered.library.versions)
    return any(each is not None and each.find(dotted) is not None for each in versions)


def _all_beside(offered: Offer, dotted: str) -> tuple[str, ...] | None:
    """The names of the module or class that a name is asked of; None where it has it, or may have it."""
    owner, _, name = dotted.rpartition(".")
    if offered.library.name not in (*WHOLE, *_READ) or name.startswith(_UNSEEN) or name.endswith(_MADE):
        return None
    names = _all_there_is(offered, owner)
    return None if names is None or name in names or change_of(offered, dotted) is not None else names


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
        of the library has, next to one that it has; names that are in another module of the library
        (`from sklearn.preprocessing import SimpleImputer`); misspelt methods of tables, arrays and tensors.
        """,
    matters="""
        The line raises AttributeError or ImportError, in a notebook or a training script often after the slow part.
        """,
    silent="""
        Names that are near to none there is; modules and classes that make names at run time, or whose names are not
        all known; names the program puts there itself; names that begin with `_`; attributes of objects, which may be
        columns; methods called like one there is with something before or after it, as packages add them; code inside
        `try`, `hasattr` or under a test for a version; versions newer than the newest that is known.
        """,
    repair="""
        Writes the nearest name there is, where one is nearer than all others. Unsafe: only you know what was meant.
        Imports a name of another module from there, which is safe.
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
        example(
            """
            from sklearn.preprocessing import SimpleImputer, StandardScaler  # <- unknown-attribute

            print(SimpleImputer().fit_transform(StandardScaler().fit_transform([[1.0], [2.0]])))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.sort_value("price"))  # <- unknown-attribute
            """
        ),
        example(
            """
            import torch.nn as nn

            print(nn.Conv2D(1, 8, kernel_size=3))  # <- unknown-attribute
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
