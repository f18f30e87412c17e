"""A text that a parameter of pandas or Matplotlib does not take."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mlsense.knowledge.choices import Choice, choice_of, taken_until
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import callees_in, is_certain, nearest
from mlsense.rules.reading import location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import arguments, code, known_calls
from mlsense.semantics.events import Called
from mlsense.semantics.values import Const

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.versions import Versions
    from mlsense.rules.finding import Location
    from mlsense.rules.offering import Callee
    from mlsense.rules.values import Setting
    from mlsense.semantics.program import Trace

# More than these are not listed in a message.
_MOST = 6


def check(trace: Trace) -> Iterator[Draft]:
    for given in known_calls(trace, _doubtful_in(trace.versions)):
        callees = callees_in(trace.versions, given.event)
        for setting in arguments(given):
            certain = setting.literal or not given.event.optional
            found = location(trace, setting.place) if certain else None
            if found is None or not all(_refusing(each, setting.name, setting.value) for each in callees):
                continue
            yield _drafted(trace, callees[0], setting, found)


@lru_cache(maxsize=16)
def _doubtful_in(versions: Versions) -> Callable[[Called], bool]:
    """A test of events that stays the same function as long as the versions do, so that its answers are kept."""

    def doubtful(event: Called) -> bool:
        if not (event.args or event.keywords) or not is_certain(event):
            return False
        callees = callees_in(versions, event)
        if not callees or callees[0].entry.signature is None:
            return False
        names = [each.name for each in callees[0].entry.signature if each.kind.startswith("positional")]
        pairs = (*zip(names, event.args, strict=False), *event.keywords)
        return any(all(_refusing(each, name, value) for each in callees) for name, value in pairs)

    return doubtful


def _refusing(callee: Callee, parameter: str, value: object) -> Choice | None:
    """What a parameter takes instead of a value; None where it takes it, or may."""
    if not isinstance(value, Const) or not isinstance(value.value, str) or not callee.offer.exact:
        return None
    taken = choice_of(callee.entry.name, parameter, callee.offer.version)
    return None if taken is None or not taken.raises or value.value in taken.takes else taken


def _drafted(trace: Trace, callee: Callee, setting: Setting, found: Location) -> Draft:
    taken = choice_of(callee.entry.name, setting.name, callee.offer.version)
    text = setting.value.value if isinstance(setting.value, Const) else None
    assert taken is not None
    assert isinstance(text, str)
    raises = f"the call raises {' or '.join(taken.raises)}"
    meant = nearest(text, taken.takes)
    until = taken_until(callee.entry.name, setting.name, text, callee.offer.version)
    if until is not None:
        library = callee.offer.library.distribution
        when = f"in {library} {until} (you have {callee.offer.version})"
        said = f"`{callee.short}({setting.name}={code(text)})` was removed {when}: {raises}."
        meant = None
    elif meant is not None:
        said = f"`{callee.short}` has no `{setting.name}={code(text)}`: {raises}. Did you mean `{code(meant)}`?"
    else:
        takes = [f"`{code(each)}`" for each in taken.takes[:_MOST]] + (["others"] if len(taken.takes) > _MOST else [])
        listed = " or ".join([", ".join(takes[:-1]), takes[-1]] if takes[1:] else takes)
        said = f"`{callee.short}` has no `{setting.name}={code(text)}`: it takes {listed}, and {raises}."
    edit = editing.replaced(trace, setting.place, code(meant)) if meant is not None and setting.literal else None
    return Draft(said, found, fix=Fix.of(f"Write `{code(meant or '')}`", "unsafe", edit))


RULE = Rule(
    name="unknown-choice",
    family="api",
    severity=Severity.ERROR,
    summary="A parameter of pandas or Matplotlib is given a text that is none of those it takes.",
    finds="""
        `pd.merge(..., how="iner")`, `df.rank(method="mean")`, `pd.concat(..., join="left")`: texts that a parameter
        refuses in the release in force, whatever the data are. Which ones it takes was found by calling it with all of
        them; names that stand for a text are followed.
        """,
    matters="""
        The call raises ValueError, or KeyError, often after the slow part of a notebook. What the parameter took in an
        older release it may refuse now, such as `errors="ignore"`.
        """,
    silent="""
        Parameters that look at their value only with some data; texts that are not known; releases that were not
        tried; calls inside `try` or under a test for a version; objects whose class is not certain.
        """,
    repair="""
        Writes the nearest text it takes. Unsafe: only you know what was meant.
        """,
    bad=(
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"city": ["Rome", "Oslo"], "price": [1, 2]})
            taxes = pd.DataFrame({"city": ["Rome"], "rate": [0.2]})
            print(homes.merge(taxes, on="city", how="iner"))  # <- unknown-choice
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3, 1, 2]})
            print(homes.rank(method="mean"))  # <- unknown-choice
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3.0, None, 2.0]})
            kept = "some"
            print(homes.dropna(how=kept))  # <- unknown-choice
            """
        ),
        example(
            """
            import pandas as pd

            print(pd.to_numeric(["1", "two"], errors="ignore"))  # <- unknown-choice
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3, 1, 2], "area": [30, 20, 10]})
            print(homes.sum(axis="column"))  # <- unknown-choice
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3, 1, 2]})
            print(pd.concat([homes, homes], join="left"))  # <- unknown-choice
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"city": ["Rome", "Oslo"], "price": [1, 2]})
            taxes = pd.DataFrame({"city": ["Rome"], "rate": [0.2]})
            for how in ("inner", "left", "right", "outer"):
                print(homes.merge(taxes, on="city", how=how))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3, 1, 2], "area": [30, 20, 10]})
            print(homes.rank(method="dense", na_option="keep"), homes.corr(method="spearman"))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3.0, None, 2.0]})
            print(homes.dropna(how="all", axis="columns"), homes.sum(axis=0), homes.mean(axis="index"))
            """
        ),
        example(
            """
            import pandas as pd

            try:
                print(pd.to_numeric(["1", "two"], errors="ignore"))
            except ValueError:
                print(pd.to_numeric(["1", "two"], errors="coerce"))
            """
        ),
        example(
            """
            import sys

            import pandas as pd

            homes = pd.DataFrame({"price": [3, 1, 2]})
            method = sys.argv[1] if len(sys.argv) > 1 else "average"
            print(homes.rank(method=method))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [3, 1, 2], "area": [30, 20, 10]})
            print(homes.corr(method=lambda a, b: float((a * b).sum())))
            print(homes.drop(columns="cellar", errors="ignore"))
            """
        ),
        example(
            """
            import pandas as pd


            class Table:
                def merge(self, other, how):
                    return how


            print(Table().merge(None, how="sideways"))
            if pd.__version__ < "3":
                print(pd.to_numeric(["1", "two"], errors="ignore"))
            """
        ),
    ),
    check=check,
    raises=("ValueError", "KeyError"),
)
