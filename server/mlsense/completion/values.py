"""Values of arguments: what a parameter accepts, less what does not go with the other arguments."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlsense.answers import Completion
from mlsense.completion.dicts import keyed
from mlsense.completion.keywords import class_called, part
from mlsense.completion.notes import about
from mlsense.completion.scene import unquoted
from mlsense.knowledge.choices import choice_of
from mlsense.knowledge.kinds import has_method, kind
from mlsense.knowledge.library import Parameter
from mlsense.knowledge.scoring import scorers
from mlsense.knowledge.sklearn import estimator_facts
from mlsense.knowledge.values import RAISING, Given, allowed, conflicts
from mlsense.rules.parameters import settable
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Const, Estimator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlsense.completion.context import Bracket
    from mlsense.completion.dicts import Keyed
    from mlsense.completion.scene import Callee, Scene
    from mlsense.knowledge.values import Argument, Conflict, Constant
    from mlsense.semantics.asking import Answer

# Most telling first; those that are not named follow in the order of the alphabet.
_SCORERS = (
    "accuracy", "balanced_accuracy", "f1", "f1_macro", "f1_weighted", "roc_auc", "average_precision", "precision",
    "recall", "neg_log_loss", "roc_auc_ovr", "matthews_corrcoef", "neg_brier_score",
    "r2", "neg_root_mean_squared_error", "neg_mean_absolute_error", "neg_mean_squared_error",
    "neg_mean_absolute_percentage_error", "neg_median_absolute_error", "explained_variance",
    "adjusted_rand_score", "normalized_mutual_info_score", "v_measure_score", "adjusted_mutual_info_score",
)  # fmt: skip
_FAMILIES = {
    "classifier": "classification",
    "regressor": "regression",
    "clusterer": "clustering",
    "outlier detector": "classification",
}
# Keras takes the names of what these modules have, functions as they are and classes in lower case or with underlines.
_KERAS = {
    "activation": ("activations", "function"),
    "recurrent_activation": ("activations", "function"),
    "loss": ("losses", "function"),
    "metrics": ("metrics", "function"),
    "weighted_metrics": ("metrics", "function"),
    "optimizer": ("optimizers", "lower"),
    "initializer": ("initializers", "snake"),
    "regularizer": ("regularizers", "snake"),
    "constraint": ("constraints", "snake"),
}
_KERAS_FIRST = (
    "relu", "softmax", "sigmoid", "tanh", "linear", "gelu", "selu", "elu", "swish",
    "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "mean_squared_error",
    "mean_absolute_error", "huber",
    "adam", "sgd", "rmsprop", "adamw", "nadam",
    "accuracy", "glorot_uniform", "he_normal", "lecun_normal", "zeros", "l2", "l1",
)  # fmt: skip
_KERAS_METRICS_FIRST = (
    "accuracy", "mae", "mse", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    "top_k_categorical_accuracy", "mean_absolute_error", "mean_squared_error",
)  # fmt: skip
# What callbacks watch of a training with validation rows, most usual first.
_MONITORED = ("val_loss", "val_accuracy", "loss", "accuracy")
_NOT_NAMED = frozenset(("deserialize", "serialize", "get", "optimizer", "loss_scale_optimizer", "lossscaleoptimizer",
                        "initializer", "regularizer", "constraint", "loss", "metric"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to offer. `apart`: how far down the list it belongs, 0 with those that fit."""

    value: Constant
    detail: str = ""
    deprecated: bool = False
    apart: int = 0
    about: Mapping[str, Any] | None = None


def values(scene: Scene, *, asked: bool) -> tuple[Completion, ...]:
    """What could stand at the caret as the value of an argument; without quotes around it only if `asked` for."""
    context = scene.context
    call = context.call()
    if context.receiver is not None or (context.quoted is None and not context.first):
        return ()
    grid = keyed(scene)
    if grid is not None:
        if not grid.braces.in_value or (context.quoted is None and grid.braces is context.brackets[0]):
            return ()
        return tuple(_entries(scene, _of_key(scene, grid)))
    if call is None:
        return ()
    displays = context.brackets[: context.brackets.index(call)]
    if any(bracket.kind in ("subscript", "braces") and not bracket.in_value for bracket in displays):
        return ()
    found = _argument_values(scene, call, displays)
    if context.quoted is None and not (call.in_value or asked):
        return ()
    return tuple(_entries(scene, found))


def _argument_values(scene: Scene, call: Bracket, displays: tuple[Bracket, ...]) -> list[Choice]:
    callee = scene.callee(call)
    if callee is None:
        return []
    if call.in_value and callee.short == "set_params" and isinstance(callee.thing, Estimator) and call.here.name:
        return _of_part(scene, callee.thing, callee.answer, call.here.name)
    parameter = scene.parameter_at(call, callee) or _of_keywords(call, callee)
    if parameter is None:
        return []
    if parameter.name == "scoring":
        return _scoring(scene, call, callee, listed=bool(displays))
    if parameter.name == "param_name":
        return _settable(scene, call, callee)
    if parameter.name == "refit" and callee.short in SEARCHES:
        return _refit(scene, call, callee)
    if _is_keras(callee) and parameter.name == "monitor":
        return [Choice(name) for name in _MONITORED]
    if _is_keras(callee):
        return _keras(callee, parameter.name, listed=bool(displays))
    if displays:
        return []
    return _accepted(callee, parameter, *_given(scene, call, callee, parameter.name))


def _of_keywords(call: Bracket, callee: Callee) -> Parameter | None:
    """What `**kwargs` take by name and of which it is known what it may be: `plt.plot(x, linestyle=...)`."""
    name = call.here.name if call.in_value else None
    known = name is not None and choice_of(callee.entry.name, name, callee.version) is not None
    return Parameter(name, "keyword-only") if name is not None and known else None


def _settable(scene: Scene, call: Bracket, callee: Callee) -> list[Choice]:
    """The names that `validation_curve` can vary."""
    text = scene.argument(call, callee, "estimator")
    answer = None if text is None else scene.evaluate(text)
    if answer is None or not isinstance(answer.object, Estimator):
        return []
    known = settable(scene.trace, answer.object, answer.look_up)
    return [] if known is None else [Choice(name) for name in known.names]


def _refit(scene: Scene, call: Bracket, callee: Callee) -> list[Choice]:
    """The scorers by one of which a search can choose."""
    text = scene.argument(call, callee, "scoring")
    try:
        tree = ast.parse(text or "", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    parts = tree.keys if isinstance(tree, ast.Dict) else tree.elts if isinstance(tree, (ast.List, ast.Tuple)) else []
    return [Choice(each.value) for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _of_key(scene: Scene, grid: Keyed) -> list[Choice]:
    """The values of the entry at the caret."""
    here = grid.braces.here
    name = here.name or unquoted(here.key or "")
    if name is None:
        return []
    if grid.callee is not None:
        parameter = grid.callee.parameter(name)
        return [] if parameter is None else _accepted(grid.callee, parameter, {}, set())
    if grid.estimator is None or not isinstance(grid.estimator.object, Estimator):
        return []
    used = {unquoted(item.text) for bracket in scene.context.brackets[:1] for item in bracket.others}
    found = _of_part(scene, grid.estimator.object, grid.estimator, name)
    return [choice for choice in found if choice.value not in used]


def _of_part(scene: Scene, estimator: Estimator, answer: Answer, name: str) -> list[Choice]:
    """Values of a parameter that has a prefix, beside those that the part was made with."""
    head, _, last = name.rpartition("__")
    owner = part(estimator, answer, head)
    callee = None if owner is None else class_called(scene, owner, answer)
    parameter = None if callee is None else callee.parameter(last)
    if owner is None or callee is None or parameter is None:
        return []
    constants = {key: value.value for key, value in owner.params if isinstance(value, Const) and key != last}
    unknown = {key for key, value in owner.params if not isinstance(value, Const)}
    return _accepted(callee, parameter, constants, unknown)  # type: ignore[arg-type]


def _given(scene: Scene, call: Bracket, callee: Callee, but: str) -> tuple[dict[str, Argument], set[str]]:
    """The other arguments of a call by parameter: constants, and the names of those that are not known."""
    known: dict[str, Argument] = {}
    unknown: set[str] = set()
    for index, item in enumerate(call.items):
        named = item.name
        if named is None and item is not call.here and (parameter := callee.positional(index)) is not None:
            named = parameter.name
        if named is None or named == but:
            continue
        value = scene.constant(item.text)
        if isinstance(value, type):
            unknown.add(named)
        else:
            known[named] = value
    if any(item.text.startswith("*") for item in call.items):
        unknown |= {parameter.name for parameter in callee.entry.signature or ()} - known.keys()
    return known, unknown


def _accepted(callee: Callee, parameter: Parameter, given: Mapping[str, Argument], unknown: set[str]) -> list[Choice]:
    constraint = allowed(callee.entry.name, parameter.name, callee.version)
    if constraint is None:
        tried = choice_of(callee.entry.name, parameter.name, callee.version)
        listed: tuple[Constant, ...] = parameter.values if tried is None else tried.takes
        if parameter.default in ("True", "False") and not listed:
            listed = (True, False)
        elif parameter.default == "None" and listed:
            listed = (*listed, None)
    else:
        listed = (*constraint.literals, *constraint.values)
        listed += (True, False) if "b" in constraint.kinds else ()
        listed += (None,) if "n" in constraint.kinds else ()
        listed += constraint.deprecated_literals
    found = []
    for value in dict.fromkeys((type(each), each) for each in listed):
        choice = _judged(callee, parameter, value[1], given, unknown)
        if constraint is not None and value[1] in constraint.deprecated_literals and choice is not None:
            choice = Choice(choice.value, "deprecated", True, 2)
        if choice is not None:
            found.append(replace(choice, about=about(callee, parameter, str(value[1]))))
    return sorted(found, key=lambda choice: choice.apart)


def _judged(
    callee: Callee, parameter: Parameter, value: Constant, given: Mapping[str, Argument], unknown: set[str]
) -> Choice | None:
    """A value beside the other arguments; None where it cannot stand beside them."""
    detail = "default" if parameter.default == repr(value) else ""
    clashes = conflicts(callee.entry.name, {**given, parameter.name: value}, callee.version, (), frozenset(unknown))
    clashes = tuple(each for each in clashes if not each.data)
    leaving = any(
        each.effect == "deprecated" and [name for name, _ in each.parameters] == [parameter.name] for each in clashes
    )
    raising = next((each for each in clashes if each.effect in RAISING), None)
    if raising is not None and any(name == parameter.name for name, _ in raising.parameters):
        involved = {name for name, _ in raising.parameters} - {parameter.name}
        if involved <= given.keys():
            return None
        return Choice(value, _needs(raising, parameter.name), leaving, 1 + 2 * leaving)
    return Choice(value, detail or ("deprecated" if leaving else ""), leaving, 2 * leaving)


def _needs(clash: Conflict, but: str) -> str:
    """What else would have to be set, where that is one thing."""
    changes = [change for change in clash.alternatives if len(change) == 1 and change[0][0] != but]
    names = {change[0][0] for change in changes}
    if len(names) != 1:
        others = [
            f"{name}={value!r}" for name, value in clash.parameters if name != but and not isinstance(value, Given)
        ]
        return f"not with {' and '.join(others)}" if others else ""
    return f"needs {names.pop()}=" + " or ".join(repr(change[0][1]) for change in changes[:2])


# Scores


def _scoring(scene: Scene, call: Bracket, callee: Callee, *, listed: bool) -> list[Choice]:
    known = scorers(callee.version)
    if not known:
        parameter = callee.parameter("scoring")
        return [] if parameter is None else _accepted(callee, parameter, {}, set())
    text = scene.argument(call, callee, "estimator")
    if text is None:
        own = kind(callee.entry.name, callee.version)
        kinds: tuple[str, ...] = own.kinds if own is not None else ()
        lacks = None
    else:
        answer = scene.evaluate(text)
        estimator = _final(answer) if isinstance(answer.object, Estimator) else None
        kinds = _kinds(estimator, callee.version)
        lacks = estimator
    families = {_FAMILIES[each] for each in kinds if each in _FAMILIES}
    chosen = [
        scorer
        for scorer in known.values()
        if (not families or scorer.family in families) and not _lacks(lacks, scorer.response, callee.version)
    ]
    ranks = {name: rank for rank, name in enumerate(_SCORERS)}
    kept = {"name": callee.dotted, "parameter": "scoring"}
    chosen.sort(key=lambda scorer: (ranks.get(scorer.name, len(ranks)), scorer.name))
    choices = [
        Choice(scorer.name, ", ".join(scorer.targets), about={**kept, "value": scorer.name}) for scorer in chosen
    ]
    return choices if listed else [*choices, *([Choice(None)] if callee.short not in ("get_scorer",) else [])]


def _final(answer: Answer) -> Estimator | None:
    """The estimator at the end of pipelines and inside searches."""
    thing = answer.object
    for _ in range(6):
        if not isinstance(thing, Estimator):
            return None
        inner = thing.steps[-1][1] if thing.cls.rpartition(".")[2] == "Pipeline" and thing.steps else None
        if inner is None and not thing.kinds:
            inner = thing.param("estimator")
        if inner is None:
            return thing
        thing = answer.look_up(inner)
    return None


def _kinds(estimator: Estimator | None, version: str | None) -> tuple[str, ...]:
    if estimator is None:
        return ()
    known = kind(estimator.cls, version)
    return estimator.kinds or (known.kinds if known is not None else ())


def _lacks(estimator: Estimator | None, response: tuple[str, ...], version: str | None) -> bool:
    """Whether an estimator certainly has none of the methods that a scorer calls."""
    facts = None if estimator is None else estimator_facts(estimator.cls)
    if estimator is None or facts is None or not estimator.certain or not facts.methods:
        return False
    constants = {key: value.value for key, value in estimator.params if isinstance(value, Const)}
    unknown = [key for key, value in estimator.params if not isinstance(value, Const)]

    def has(method: str) -> bool:
        said = has_method(estimator.cls, method, constants, version, unknown)  # type: ignore[arg-type]
        return said if said is not None else method in facts.methods

    return not any(has(method) for method in response)


# Keras


def _is_keras(callee: Callee) -> bool:
    return "keras" in callee.dotted.split(".")[:2]


def _keras(callee: Callee, name: str, *, listed: bool) -> list[Choice]:
    kept = _KERAS.get(name) or _KERAS.get(name.rpartition("_")[2])
    if kept is None or (listed and name not in ("metrics", "weighted_metrics")):
        return []
    module, how = kept
    root = "keras" if callee.dotted.startswith("keras.") else "tensorflow.keras"
    names = []
    for child in callee.offer.known_children(f"{root}.{module}"):
        entry = callee.offer.find(f"{root}.{module}.{child}")
        if entry is not None and entry.kind == "function" and how == "function":
            names.append(child)
        elif entry is not None and entry.kind == "class" and how != "function":
            names.append(child.lower() if how == "lower" else _snake(child))
    if module == "metrics":
        # What `compile` makes of the loss and the shapes; there is no function of that name.
        names += ["accuracy", "mae", "mse"]
    first = _KERAS_METRICS_FIRST if module == "metrics" else _KERAS_FIRST
    ranks = {each: rank for rank, each in enumerate(first)}
    chosen = sorted({each for each in names if each not in _NOT_NAMED}, key=lambda n: (ranks.get(n, len(ranks)), n))
    return [Choice(each) for each in chosen]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


# Entries


def _entries(scene: Scene, choices: Iterable[Choice]) -> Iterable[Completion]:
    quoted = scene.context.quoted
    for choice in choices:
        if quoted is not None:
            if isinstance(choice.value, str):
                insert = choice.value + ("" if quoted.closed else quoted.quote)
                yield Completion(
                    choice.value,
                    "value",
                    insert,
                    span=quoted.span,
                    detail=choice.detail,
                    deprecated=choice.deprecated,
                    data=choice.about,
                )
            continue
        text = f"{scene.quote}{choice.value}{scene.quote}" if isinstance(choice.value, str) else repr(choice.value)
        yield Completion(
            text,
            "value",
            text,
            span=scene.context.span,
            detail=choice.detail,
            deprecated=choice.deprecated,
            data=choice.about,
        )
