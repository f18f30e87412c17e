"""A name or parameter that the version in force still has and warns of, with something that takes its place."""

from __future__ import annotations

import ast
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from mlsense.knowledge.library import offered_in
from mlsense.rules import editing
from mlsense.rules.asking import Asked
from mlsense.rules.becoming import called_instead, function_for, has_become
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.keywords import place_of_name
from mlsense.rules.offering import callee_in, class_in, is_certain, offer
from mlsense.rules.reading import contains, location, name_place, node_at, place_in, written
from mlsense.rules.replacements import row_of
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.succession import bound_as, fix_of, gone_in, number, replacement_of, shown_name
from mlsense.semantics.events import Called
from mlsense.semantics.values import Const, Data, Estimator, Method, Place, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.library import Offer, Parameter
    from mlsense.knowledge.versions import Versions
    from mlsense.rules.offering import Callee
    from mlsense.semantics.core import Named, Read
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import HeapObject

# What takes the device as its first argument where it is now.
_DEVICES = {"torch.cpu.amp.autocast": "cpu", "torch.cuda.amp.autocast": "cuda"}
_QUIET = ("catch_warnings", "ignore_warnings", "warns", "deprecated_call", "suppress_warnings")


def check(trace: Trace) -> Iterator[Draft]:
    for asked in (*_names(trace), *_methods(trace), *_attributes(trace)):
        entry = asked.offer.find(asked.dotted)
        instead = replacement_of(asked.offer, asked.dotted)
        found = location(trace, asked.place)
        if entry is None or instead is None or found is None or _warnings_are_off(trace, asked.place):
            continue
        shown = ".".join(asked.dotted.split(".")[-2:]) if asked.thing is not None else asked.dotted
        if asked.thing is None and not asked.imported:
            shown = written(trace, asked.place, asked.dotted)
        ends = _ends(asked.offer, entry.deprecated, gone_in(asked.offer, asked.dotted))
        row, device = row_of(asked.dotted), _DEVICES.get(asked.dotted)
        fix = fix_of(trace, asked) if device is None else _on_device(trace, asked, device)
        called = shown_name(trace, instead) + (f'("{device}")' if device is not None else "")
        words = row.advice if row is not None and row.advice else f"use `{called}`"
        yield Draft(f"`{shown}` {ends}: {words}.", found, fix=fix)
    yield from _parameters(trace)
    yield from _pretrained(trace)


def _ends(offered: Offer, since: str | None, gone: str | None) -> str:
    have = f"still works in {offered.library.distribution} {offered.version}"
    return f"{have} and is gone in {gone}" if gone is not None else f"{have} and is deprecated since {since}"


# --- names -------------------------------------------------------------------------------------------


def _names(trace: Trace) -> Iterator[Asked]:
    versions = trace.versions
    doubtful = dict(trace.kept((_deprecated_names_in, versions), partial(_deprecated_names_in, versions)))
    for place, named in doubtful.items():
        offered = offer(trace, named.name)
        if offered is not None and trace.names.get(place) == named:
            yield Asked(named.name, place, offered, named.imported)


def _deprecated_names_in(versions: Versions, effects: Effects) -> Iterator[tuple[Place, Named]]:
    """The deprecated names of those that one statement asks for."""
    for place, named in effects.names.items():
        offered = None if named.guarded else offered_in(versions, named.name.partition(".")[0])
        if offered is not None and replacement_of(offered, named.name) is not None:
            yield place, named


def _methods(trace: Trace) -> Iterator[Asked]:
    for event in trace.that(_calls_deprecated_in(trace.versions), Called):
        called, node = callee_in(trace.versions, event), node_at(trace, event.call)
        if called is not None and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            place = name_place(event.call, node.func)
            yield Asked(called.dotted, place, called.offer, False, event.thing, event.call)


@lru_cache(maxsize=16)
def _calls_deprecated_in(versions: Versions) -> Callable[[Called], bool]:
    """A test of events that stays the same function as long as the versions do, so that its answers are kept."""

    def calls_deprecated(event: Called) -> bool:
        if event.guarded or not isinstance(event.callee, Method) or event.thing is None or _doubtful(event.thing):
            return False
        called = callee_in(versions, event)
        return called is not None and replacement_of(called.offer, called.dotted) is not None

    return calls_deprecated


def _attributes(trace: Trace) -> Iterator[Asked]:
    versions = trace.versions
    doubtful = dict(trace.kept((_deprecated_attributes_in, versions), partial(_deprecated_attributes_in, versions)))
    for place, read in doubtful.items():
        owner, node = class_in(versions, read.thing), node_at(trace, place)
        offered = None if owner is None else offer(trace, owner)
        if offered is not None and isinstance(node, ast.Attribute) and trace.attributes.get(place) == read:
            yield Asked(f"{owner}.{read.name}", name_place(place, node), offered, False, read.thing)


def _deprecated_attributes_in(versions: Versions, effects: Effects) -> Iterator[tuple[Place, Read]]:
    """The deprecated attributes of those that one statement reads; what a frame has may be a column."""
    for place, read in effects.attributes.items():
        if read.guarded or read.thing is None or isinstance(read.thing, Data) or _doubtful(read.thing):
            continue
        owner = class_in(versions, read.thing)
        offered = None if owner is None else offered_in(versions, owner.partition(".")[0])
        if offered is not None and replacement_of(offered, f"{owner}.{read.name}") is not None:
            yield place, read


def _doubtful(thing: HeapObject) -> bool:
    return isinstance(thing, Estimator) and not thing.certain


def _on_device(trace: Trace, asked: Asked, device: str) -> Fix | None:
    """`torch.cuda.amp.autocast(...)` as `torch.amp.autocast("cuda", ...)`."""
    root, name = bound_as(trace, "torch"), editing.text_at(trace, asked.place)
    found = trace.locate(asked.place)
    if asked.imported or root is None or found is None or name is None or "." not in name:
        return None
    after = trace.source(found[0]).text[found[1].end :]
    if not after.startswith("("):
        return None
    given = "" if after[1:].lstrip().startswith(")") else ", "
    here = asked.place
    opened = Place(here.unit, here.line, here.column, here.end_line, here.end_column + 1)
    text = f'{root}.amp.{asked.name}("{device}"{given}'
    return Fix.of(f"Write `{text.rstrip(', ')})`", "safe", editing.replaced(trace, opened, text))


# --- parameters --------------------------------------------------------------------------------------


def _parameters(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_gives_deprecated_in(trace.versions), Called):
        called, node = callee_in(trace.versions, event), node_at(trace, event.call)
        if called is None or not isinstance(node, ast.Call) or _warnings_are_off(trace, event.call):
            continue
        for keyword in node.keywords:
            parameter = _deprecated_parameter(called, keyword.arg)
            found = location(trace, place_of_name(event.call, keyword)) if parameter is not None else None
            if parameter is None or found is None:
                continue
            function = function_for(called.offer, called.dotted, keyword)
            if function is not None:
                ends = _ends(called.offer, parameter.deprecated, _parameter_gone_in(called, parameter.name))
                advice = f"use `{function}`" if function != called.short else "leave it out"
                fix = called_instead(trace, event.call, node, keyword, called.dotted, function)
                yield Draft(f"`{called.short}({parameter.name}=...)` {ends}: {advice}.", found, fix=fix)
            if parameter.replacement is None or not _takes_over(called, parameter):
                continue
            if any(other.arg == parameter.replacement for other in node.keywords):
                continue
            ends = _ends(called.offer, parameter.deprecated, _parameter_gone_in(called, parameter.name))
            # Two that became one cannot both be renamed; and the new one may take other values.
            alone = [each.replacement for each in called.entry.signature or ()].count(parameter.replacement) == 1
            edit = editing.replaced(trace, place_of_name(event.call, keyword), parameter.replacement) if alone else None
            fix = Fix.of(f"Write `{parameter.replacement}`", "unsafe", edit)
            message = f"`{called.short}({parameter.name}=...)` {ends}: use `{parameter.replacement}`."
            yield Draft(message, found, fix=fix)


@lru_cache(maxsize=16)
def _gives_deprecated_in(versions: Versions) -> Callable[[Called], bool]:
    """As `_calls_deprecated_in`, of calls with a deprecated parameter."""

    def gives_deprecated(event: Called) -> bool:
        if not event.keywords or not is_certain(event) or (event.thing is not None and _doubtful(event.thing)):
            return False
        called = callee_in(versions, event)
        return called is not None and any(_deprecated_parameter(called, name) for name, _ in event.keywords)

    return gives_deprecated


def _deprecated_parameter(called: Callee, name: str | None) -> Parameter | None:
    """The parameter of that name, where another one or a function has taken its place."""
    taken = {each.name: each for each in called.entry.signature or ()}
    parameter = taken.get(name or "")
    if parameter is None or not parameter.deprecated or number(parameter.deprecated) > number(called.offer.version):
        return None
    return parameter if _takes_over(called, parameter) or has_become(called.dotted, parameter.name) else None


def _takes_over(called: Callee, parameter: Parameter) -> bool:
    """Whether there is a parameter that has taken its place."""
    return any(each.name == parameter.replacement and not each.deprecated for each in called.entry.signature or ())


def _parameter_gone_in(called: Callee, name: str) -> str | None:
    versions = called.offer.library.versions
    for version in versions[versions.index(called.offer.version) + 1 :]:
        later = called.offer.library.at(version)
        found = later.find(called.dotted) if later is not None else None
        if found is None or found.signature is None or found.accepts_any:
            return None
        if all(each.name != name for each in found.signature):
            return version
    return None


def _pretrained(trace: Trace) -> Iterator[Draft]:
    """`resnet50(pretrained=True)`, which a decorator takes in torchvision's models for image classes."""
    for event in trace.that(_asks_pretrained, Called):
        offered, node = offer(trace, event.callee.name), node_at(trace, event.call)
        entry = None if offered is None else offered.find(event.callee.name)
        if offered is None or entry is None or entry.kind != "function" or not isinstance(node, ast.Call):
            continue
        keyword = next((each for each in node.keywords if each.arg == "pretrained"), None)
        found = location(trace, place_of_name(event.call, keyword)) if keyword is not None else None
        if keyword is None or found is None or not isinstance(keyword.value, ast.Constant):
            continue
        if any(each.arg == "weights" for each in node.keywords) or _warnings_are_off(trace, event.call):
            continue
        short = event.callee.name.rpartition(".")[2]
        new = 'weights="IMAGENET1K_V1"' if keyword.value.value else "weights=None"
        edit = editing.replaced(trace, place_in(event.call, keyword), new)
        fix = Fix.of(f"Write `{new}`", "unsafe", edit)
        ends = _ends(offered, "0.13", None)
        yield Draft(f"`{short}(pretrained=...)` {ends}: use `{new}`.", found, fix=fix)


def _asks_pretrained(event: Called) -> bool:
    name = event.callee.name if isinstance(event.callee, Symbol) else ""
    asked = any(word == "pretrained" and isinstance(value, Const) for word, value in event.keywords)
    return asked and name.startswith("torchvision.models.") and name.count(".") == 2 and is_certain(event)


# --- what is meant so --------------------------------------------------------------------------------


def _warnings_are_off(trace: Trace, place: Place) -> bool:
    outline = trace.outline(place)
    return outline is not None and outline.found(("warnings", place), partial(_quiet_block, place)) is not None


def _quiet_block(place: Place, tree: ast.stmt) -> ast.AST | None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.With, ast.AsyncWith)) and contains(node, place):
            for part in (part for item in node.items for part in ast.walk(item.context_expr)):
                name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
                if name in _QUIET:
                    return node
    return None


RULE = Rule(
    name="deprecated-api",
    family="api",
    severity=Severity.INFORMATION,
    summary="A name or parameter of a library is used that works in the version in force and is on its way out.",
    finds="""
        Functions, classes, methods and parameters that the version in force warns of and names something to use
        instead: `DataFrame.applymap` in pandas 2, `np.trapz` in NumPy 2.0, `torch.cuda.amp.autocast()`,
        `resnet50(pretrained=True)`, `log_loss(y, y_pred=...)` in scikit-learn 1.9. Where a later version is known not
        to have it any more, the message says which.
        """,
    matters="""
        Nothing is wrong today. The program stops after an upgrade: the line then raises AttributeError, ImportError or
        TypeError.
        """,
    silent="""
        Code inside `try`, `hasattr` or under a test for a version; inside `warnings.catch_warnings`; deprecated ways of
        using something that stays; what is deprecated with nothing named to use instead, or where the version in force
        does not have that yet; attributes of frames, which may be columns; objects whose class is not certain.
        """,
    repair="""
        Writes the new name: safe where it takes the same arguments. Otherwise the change is for you to read.
        """,
    bad=(
        example(
            """
            import numpy as np

            print(np.fix(2.5))  # <- deprecated-api
            """
        ),
        example(
            """
            from numpy import fix  # <- deprecated-api

            print(fix(2.5))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import log_loss

            X, y = make_classification(random_state=0)
            model = LogisticRegression().fit(X, y)
            print(log_loss(y, y_pred=model.predict_proba(X)))  # <- deprecated-api
            """
        ),
        example(
            """
            import pandas as pd


            def beside(left, right):
                return left.join(right, rsuffix="_right")  # <- deprecated-api


            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(beside(homes, homes))
            """
        ),
        example(
            """
            import torch

            with torch.cuda.amp.autocast(enabled=False):  # <- deprecated-api
                print(torch.ones(2).sum())
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np

            print(np.trunc(2.5), np.ma.round(np.ma.array([1.25]), 1))
            """
        ),
        example(
            """
            import warnings

            import numpy as np

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                print(np.fix(2.5))
            """
        ),
        example(
            """
            import numpy as np

            print(np.fix(2.5) if hasattr(np, "fix") else np.trunc(2.5))
            """
        ),
        example(
            """
            import numpy as np

            try:
                print(np.fix(2.5))
            except AttributeError:
                print(np.trunc(2.5))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.map(str), homes.transpose(), pd.concat([homes, homes]))
            print(homes.join(homes, suffixes=("_left", "_right")))
            """
        ),
        example(
            """
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import log_loss

            model = LogisticRegression(C=2.0).fit([[0], [1]], [0, 1])
            print(model.predict([[0]]), model.coef_, log_loss([0, 1], model.predict_proba([[0], [1]])))
            """
        ),
    ),
    check=check,
)
