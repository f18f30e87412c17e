"""What libraries offer in the versions in force, as rules ask for it: of a call, of an object, of a misspelt name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.knowledge.library import in_force, offered_in
from mlsense.semantics.values import Data, Estimator, Method, Opaque, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.knowledge.library import Change, Entry, Offer
    from mlsense.knowledge.versions import Versions
    from mlsense.semantics.events import Called
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import HeapObject, Value

# The same thing goes by other names in other libraries, and people mix them up.
_ELSEWHERE = {
    "alpha": ("C", "reg_lambda"),
    "batch": ("batch_size",),
    "classes": ("num_classes", "n_classes"),
    "cv_folds": ("cv",),
    "early_stop": ("early_stopping",),
    "epochs": ("max_iter", "n_epochs"),
    "evaluation_strategy": ("eval_strategy",),
    "folds": ("n_splits", "cv"),
    "k": ("n_neighbors", "n_clusters", "n_components"),
    "learning_rate": ("lr", "learning_rate_init"),
    "lr": ("learning_rate", "learning_rate_init"),
    "max_iterations": ("max_iter",),
    "n_folds": ("n_splits",),
    "n_iter": ("max_iter",),
    "n_iterations": ("max_iter", "n_iter"),
    "n_splits": ("cv",),
    "n_trees": ("n_estimators",),
    "num_boost_round": ("n_estimators",),
    "num_trees": ("n_estimators",),
    "ntrees": ("n_estimators",),
    "num_workers": ("n_jobs",),
    "reg": ("alpha", "C"),
    "seed": ("random_state",),
    "threads": ("n_jobs",),
    "verbosity": ("verbose",),
    "verbose": ("verbosity",),
}

# What is followed as rows, by the class it is of.
_CLASSES = {
    "frame": "pandas.DataFrame",
    "series": "pandas.Series",
    "array": "numpy.ndarray",
    "tensor": "torch.Tensor",
}
# What it may be instead: a column of a frame whose columns have several levels, or names twice, is a frame.
_OR_ELSE = {"pandas.Series": "pandas.DataFrame"}
# The variable of the environment that puts Keras 2 where TensorFlow has Keras 3.
_OLDER_KERAS = "TF_USE_LEGACY_KERAS"


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call calls, in the version in force."""

    dotted: str
    """As it was reached."""
    entry: Entry
    offer: Offer

    @property
    def short(self) -> str:
        """What people call it: the class, the function, or the method."""
        return self.dotted.rpartition(".")[2]


def offer(trace: Trace, name: str) -> Offer | None:
    """What the library behind a dotted name offers in the version in force."""
    return offered_in(trace.versions, name.partition(".")[0])


def entry(trace: Trace, name: str) -> Entry | None:
    """What a dotted name is in the version in force."""
    found = offer(trace, name)
    return None if found is None else found.find(name)


def class_of(trace: Trace, thing: HeapObject | None) -> str | None:
    """The library class of an object, dotted; None where it is not certain."""
    return class_in(trace.versions, thing)


def class_in(versions: Versions, thing: HeapObject | None) -> str | None:
    if isinstance(thing, Estimator):
        return thing.cls
    if isinstance(thing, Data):
        return _CLASSES.get(thing.kind)
    if isinstance(thing, Opaque) and thing.symbol:
        offered = offered_in(versions, thing.symbol.partition(".")[0])
        found = None if offered is None else offered.find(thing.symbol)
        return thing.symbol if found is not None and found.kind == "class" else None
    return None


def dotted(trace: Trace, callee: Value, thing: HeapObject | None) -> str | None:
    """What is called, by its library's name: `sklearn.svm.SVC`, `pandas.DataFrame.drop`."""
    return _dotted_in(trace.versions, callee, thing)


def _dotted_in(versions: Versions, callee: Value, thing: HeapObject | None) -> str | None:
    if isinstance(callee, Symbol):
        return callee.name
    if isinstance(callee, Method):
        cls = class_in(versions, thing)
        return None if cls is None else f"{cls}.{callee.name}"
    return None


def is_certain(event: Called) -> bool:
    """Whether a call that fails is a failure of the program.

    Not where the program provides for it; nor under a condition in a loop over known items, each of which may be meant
    for another branch.
    """
    each = any(isinstance(step, int) for step in event.origin.path)
    return not event.guarded and not (event.optional and each)


def callee(trace: Trace, event: Called) -> Callee | None:
    """What a call calls, where the version in force has it."""
    return callee_in(trace.versions, event)


def callee_in(versions: Versions, event: Called) -> Callee | None:
    """As `callee`, by the versions alone: for tests of events, whose answers are kept."""
    name = _dotted_in(versions, event.callee, event.thing)
    offered = None if name is None else offered_in(versions, name.partition(".")[0])
    found = None if name is None or offered is None else offered.find(name)
    return None if name is None or offered is None or found is None else Callee(name, found, offered)


def callees_in(versions: Versions, event: Called) -> tuple[Callee, ...]:
    """What a call may call, as `callee_in` has it first: what is wrong with it is wrong with each."""
    first = callee_in(versions, event)
    if first is None:
        return ()
    other = _OR_ELSE.get(first.dotted.rpartition(".")[0])
    dotted = f"{other}.{first.short}"
    found = None if other is None else first.offer.find(dotted)
    return (first,) if found is None else (first, Callee(dotted, found, first.offer))


def may_be_older(trace: Trace, dotted: str) -> bool:
    """Whether the program chooses what a name of TensorFlow's Keras is: Keras 3 or the one before."""
    keras = dotted.startswith("tensorflow.keras.")
    return keras and any(_OLDER_KERAS in followed.unit.text for followed in trace.followed)


def version_of(trace: Trace, name: str) -> str:
    """The version in force in words: `scikit-learn 1.9`, and `(you have 1.9)` is made of its number."""
    found = offer(trace, name)
    return "" if found is None else f"{found.library.distribution} {found.version}"


def since(trace: Trace, name: str, change: Change) -> str:
    """When something changed, in words: `in scikit-learn 1.4 (you have 1.9)`."""
    found = offer(trace, name)
    force = in_force(trace.versions, name)
    earlier = " or before" if change.at_latest else ""
    if found is None or force is None:
        return f"in {change.version}{earlier}"
    have = force.version or found.version
    if change.of is not None and change.of != found.library.distribution:
        return f"in {change.of} {change.version}{earlier} (you have {found.library.distribution} {have})"
    return f"in {found.library.distribution} {change.version}{earlier} (you have {have})"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant; None where none is near, or two are as near."""
    known = list(dict.fromkeys(names))
    plain = {each.replace("_", "").lower(): each for each in known}
    same = plain.get(name.replace("_", "").lower())
    if same is not None:
        return same
    elsewhere = called_elsewhere(name, known)
    if elsewhere is not None:
        return elsewhere
    close = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    if not close:
        return None
    if len(close) > 1 and _ratio(name, close[0]) - _ratio(name, close[1]) < 0.03:
        return None
    return close[0]


def called_elsewhere(name: str, names: Iterable[str]) -> str | None:
    """The one of some names that is what other libraries, or older versions, call `name`."""
    known = tuple(names)
    return next((each for each in _ELSEWHERE.get(name, ()) if each in known), None)


def _ratio(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()
