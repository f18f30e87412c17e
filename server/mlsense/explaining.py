"""What there is to say of a library's name in the versions in force: pure, from the base alone, for whoever asks.

Names are dotted, as they were reached: `sklearn.svm.SVC`, `pandas.DataFrame.drop`. The answer is Markdown of at most
ten lines, then a link to the library's own page; empty for what the base does not know.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mlsense.knowledge.choices import choice_of
from mlsense.knowledge.keywords import usual_keywords
from mlsense.knowledge.kinds import kind
from mlsense.knowledge.library import library, offered_in, release
from mlsense.knowledge.notes import method_note, note, parameter_note
from mlsense.knowledge.pages import page
from mlsense.knowledge.scaling import minds_scale
from mlsense.knowledge.scoring import metric, scorers, splitter
from mlsense.knowledge.sklearn import estimator_facts
from mlsense.knowledge.values import allowed
from mlsense.knowledge.versions import NO_VERSIONS
from mlsense.knowledge.versions import version as version_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.knowledge.library import Change, Entry, Offer, Parameter
    from mlsense.knowledge.scoring import Metric, Scorer
    from mlsense.knowledge.values import Constraint, Interval
    from mlsense.knowledge.versions import Versions

MOST_LINES = 10
_BREAK = "  \n"
_MOST_KEYWORDS = 5
_MOST_VALUES = 8
_MOST_SIGNATURE = 110

_REASONS = {
    "distances": "it compares distances",
    "kernel": "its kernel compares distances",
    "margin": "it measures a margin",
    "components": "the widest column rules the components",
    "steps": "it learns in small steps",
    "penalty": "its penalty compares weights",
}
_PREDICTORS = ("classifier", "regressor", "clusterer", "outlier detector")
# What takes categories as they are: a test fits all others on texts.
_TAKES_CATEGORIES = frozenset(
    ("DummyClassifier", "DummyRegressor", "HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
)
_TARGETS = ("binary", "multiclass", "multilabel", "regression", "clusters")
_SECOND = {
    "labels": "predicted labels",
    "probabilities": "probabilities",
    "columns": "a column of probabilities per class",
    "scores": "scores",
    "values": "predicted values",
    "clusters": "predicted clusters",
}
_AVERAGES = {
    "macro": "Every class counts the same.",
    "micro": "Every row counts the same.",
    "weighted": "Classes count by their number of rows.",
    "samples": "Averaged over rows with several labels each.",
    "ovr": "Each class against all others, averaged.",
    "ovo": "Each pair of classes, averaged.",
}
_TYPES = {
    "callable": "a function",
    "array-like": "an array",
    "dict": "a dict",
    "list": "a list",
    "tuple": "a tuple",
    "set": "a set",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "cv_object": "a number of folds, a splitter or pairs of rows",
    "random_state": "a whole number, a generator or `None`",
}
# What the base says came before that was there before it begins, under another name or in another spelling; so it is
# in all versions of libraries that are not here.
_DATED_FROM = {"sklearn": (1, 0), "pandas": (1, 4), "numpy": (1, 21), "imblearn": (0, 9)}


class _Known(NamedTuple):
    """A name with what is known of it."""

    dotted: str
    """Its public name."""
    entry: Entry
    offer: Offer
    version: str

    @property
    def short(self) -> str:
        return self.dotted.rpartition(".")[2]

    @property
    def called(self) -> str:
        """What people call it: a method with its class."""
        parts = self.dotted.split(".")
        if self.entry.kind == "module":
            return self.dotted
        return ".".join(parts[-2:] if self.entry.kind in ("method", "property", "attribute") else parts[-1:])

    @property
    def label(self) -> str:
        return f"{self.offer.library.distribution} {self.version}"


@lru_cache(512)
def explain(name: str, parameter: str | None = None, versions: Versions = NO_VERSIONS, value: str | None = None) -> str:
    """What a name is; with `parameter`, what that does in a call of it; with `value`, what that text means there."""
    known = _known(name, versions)
    if known is None:
        return ""
    if parameter is None:
        lines = _of_name(known)
    elif value is None:
        lines = _of_parameter(known, parameter)
    elif parameter == "scoring":
        scorer = scorers(known.version).get(value) if known.offer.library.name == "sklearn" else None
        about = _known(_metric_of(scorer), versions) if scorer is not None else None
        return _joined(_of_scorer(known, scorer), about or known) if scorer is not None else ""
    else:
        lines = _of_value(known, parameter, value)
    return _joined(lines, known) if lines else ""


def needs(name: str, versions: Versions = NO_VERSIONS) -> str:
    """What an estimator, metric or splitter must be given, in a line; empty where nothing is special."""
    known = _known(name, versions)
    return "" if known is None else _needs(known)


def summary(name: str, parameter: str | None = None, value: str | None = None) -> str:
    """The one line on a name, a parameter of it, or a value of that; empty where nobody wrote one."""
    if parameter is not None:
        return _scorer_note(value) if parameter == "scoring" and value else parameter_note(name, parameter, value)
    written = note(name)
    head, _, last = name.rpartition(".")
    if written or not head.rpartition(".")[2][:1].isupper():
        return written
    return _inherited(head, last) or method_note(name.partition(".")[0], last)


def _inherited(cls: str, member: str) -> str:
    """The line on a member in the nearest base class that has one."""
    found = library(cls.partition(".")[0])
    newest = found.at() if found is not None else None
    waiting, seen = [cls], set[str]()
    while newest is not None and waiting:
        name = waiting.pop(0)
        entry = newest.find(name) if name not in seen else None
        seen.add(name)
        for base in entry.bases if entry is not None else ():
            written = note(f"{base}.{member}")
            if written:
                return written
            waiting.append(base)
    return ""


def page_of(name: str, versions: Versions = NO_VERSIONS) -> str | None:
    """The page of a name in its library's documentation, None where its address is not certain."""
    known = _known(name, versions)
    return None if known is None else page(known.dotted, known.entry.kind)


def accepted(name: str, parameter: str, versions: Versions = NO_VERSIONS) -> str:
    """What a parameter takes, in words; empty where it is not known."""
    known = _known(name, versions)
    return "" if known is None else _accepted(known, parameter, _find(known.entry, parameter))


def _known(name: str, versions: Versions) -> _Known | None:
    offer = offered_in(versions, name.partition(".")[0])
    if offer is None:
        return None
    dotted = _public(name)
    entry = offer.find(dotted)
    if entry is None or entry.kind == "unknown":
        return None
    return _Known(entry.name, entry, offer, release(versions, name) or offer.version)


def _public(name: str) -> str:
    """A class that was reached through a module of the library's own, by the name everybody knows."""
    facts = estimator_facts(name) if name.startswith("sklearn.") and "._" in name else None
    return name if facts is None else f"{facts.module}.{facts.name}"


def _joined(lines: Iterable[str], known: _Known) -> str:
    kept = [line for line in lines if line][:MOST_LINES]
    address = page(known.dotted, known.entry.kind)
    text = _BREAK.join(kept)
    return f"{text}\n\n[Documentation]({address})" if address else text


# --- names -------------------------------------------------------------------------------------------


def _of_name(known: _Known) -> list[str]:
    return [
        f"**{known.called}** · {_what(known)} · {known.label}",
        summary(known.dotted),
        _call(known),
        _needs(known),
        _measures(known),
        _often(known),
        _history(known),
    ]


def _what(known: _Known) -> str:
    if known.offer.library.name == "sklearn" and known.entry.kind in ("class", "function"):
        said = kind(known.dotted, known.version)
        if said is not None and said.kinds:
            return ", ".join(said.kinds)
        if splitter(known.dotted, known.version) is not None:
            return "splitter"
        if metric(known.dotted, known.version) is not None:
            return "metric"
    return known.entry.kind


def _call(known: _Known) -> str:
    """How a function or method is called; classes take too much for a line."""
    if known.entry.kind not in ("function", "method") or known.entry.signature is None:
        return ""
    shown = ""
    for parameter in known.entry.signature:
        stars = {"var-positional": "*", "var-keyword": "**"}.get(parameter.kind, "")
        default = "..." if _is_sentinel(parameter) else parameter.default
        part = f"{stars}{parameter.name}" + (f"={default}" if default is not None else "")
        if len(known.short) + len(shown) + len(part) > _MOST_SIGNATURE:
            shown += ", ..."
            break
        shown += f", {part}" if shown else part
    return f"`{known.short}({shown})`"


def _needs(known: _Known) -> str:
    if known.offer.library.name != "sklearn":
        return ""
    split = splitter(known.dotted, known.version)
    if split is not None:
        asked = (("`y`", split.needs_y), ("`groups`", split.needs_groups))
        given = " and ".join(name for name, needed in asked if needed)
        return f"Needs: {given} in `split`." if given else ""
    said = kind(known.dotted, known.version)
    if said is None:
        return ""
    reason = minds_scale(known.dotted)
    predicts = any(each in _PREDICTORS for each in said.kinds)
    numbers = predicts and said.nan is not None and known.short not in _TAKES_CATEGORIES
    wants = [
        "`y`" if said.needs_y and not predicts else "",
        "numbers (encode texts first)" if numbers else "",
        f"columns on one scale ({_REASONS[reason]})" if reason else "",
        "no missing values" if said.nan is False else "",
        "no negative values" if said.positive else "",
    ]
    takes = ["missing values" if said.nan else "", "sparse matrices" if said.sparse else ""]
    wanted, taken = ", ".join(filter(None, wants)), " and ".join(filter(None, takes))
    sentences = [
        f"Needs: {wanted}." if wanted else "",
        f"Takes {taken}." if taken else "",
        "Repeatable with `random_state`." if said.random else "",
    ]
    return " ".join(filter(None, sentences))


def _measures(known: _Known) -> str:
    found = metric(known.dotted, known.version) if known.offer.library.name == "sklearn" else None
    if found is None:
        return ""
    first, second = found.parameters
    given = list(dict.fromkeys(each for _, kinds in found.takes for each in kinds))
    if "scores" in given or "probabilities" in given:
        # Labels would do, and say less: a score of a single threshold.
        given = [each for each in given if each != "labels"]
    said = " or ".join(_SECOND.get(each, each) for each in given)
    order = "" if found.symmetric else f"`{first}` comes first. "
    return f"{order}`{second}`: {said}. {_direction(found)}".strip()


def _direction(found: Metric) -> str:
    if found.greater_is_better is None:
        return ""
    return "Greater is better." if found.greater_is_better else "Smaller is better."


def _often(known: _Known) -> str:
    if known.entry.kind not in ("class", "function"):
        return ""
    names = [each for each in usual_keywords(known.dotted) if _find(known.entry, each) is not None]
    return f"Often set: {_quoted(names[:_MOST_KEYWORDS])}." if names else ""


def _history(known: _Known) -> str:
    entry, sentences = known.entry, []
    if entry.kind in ("class", "function") and _is_dated(known, entry.since):
        sentences.append(f"Since version {entry.since}.")
    if entry.deprecated is not None:
        sentences.append(_deprecated(entry.deprecated, entry.replacement))
    return " ".join(sentences)


def _is_dated(known: _Known, since: str | None) -> bool:
    first = _DATED_FROM.get(known.offer.library.name)
    found = version_of(since) if since is not None else None
    return first is not None and found is not None and found.release >= first


def _deprecated(version: str, replacement: str | None) -> str:
    instead = f": `{replacement}` takes its place" if replacement else ""
    return f"**Deprecated** since {version}{instead}."


# --- parameters --------------------------------------------------------------------------------------


def _of_parameter(known: _Known, name: str) -> list[str]:
    parameter = _find(known.entry, name)
    written = summary(known.dotted, name)
    if parameter is None:
        change = known.offer.parameter_change(known.dotted, name)
        if change is None:
            return []
        return [f"**{name}** of `{known.called}` · {known.label}", _changed(known, change), written]
    default = "required" if parameter.default is None else f"default `{parameter.default}`"
    # One that marks a parameter as deprecated says nothing.
    leaving = parameter.deprecated is not None and parameter.replacement != name
    if _is_sentinel(parameter) or leaving:
        default = ""
    takes = _accepted(known, name, parameter)
    history = [
        f"Since version {parameter.since}." if _is_dated(known, parameter.since) else "",
        _deprecated(parameter.deprecated, parameter.replacement) if parameter.deprecated and leaving else "",
    ]
    return [
        " · ".join(filter(None, (f"**{name}** of `{known.called}`", default, known.label))),
        written,
        f"Takes {takes}." if takes else "",
        " ".join(filter(None, history)),
    ]


def _changed(known: _Known, change: Change) -> str:
    if change.kind == "added":
        return f"Comes with version {change.version}: {known.label} does not have it."
    if change.kind == "renamed" and change.replacement:
        return f"Is `{change.replacement}` since version {change.version}."
    instead = f" `{change.replacement}` takes its place." if change.replacement else ""
    return f"Removed in version {change.version}.{instead}"


def _is_sentinel(parameter: Parameter) -> bool:
    """Whether the default only says that nothing was given, or is not known."""
    default = parameter.default or ""
    return default == "..." or bool(re.search(r"no_?default|no_?value|missing|sentinel|unset", default, re.IGNORECASE))


def _find(entry: Entry, name: str) -> Parameter | None:
    found = (each for each in entry.signature or () if each.name == name)
    return next((each for each in found if not each.kind.startswith("var-")), None)


def _accepted(known: _Known, name: str, parameter: Parameter | None) -> str:
    constraint = allowed(known.dotted, name, known.version) if known.offer.library.name == "sklearn" else None
    parts: list[str] = []
    tried = choice_of(known.dotted, name, known.version)
    if constraint is not None:
        parts = _alternatives(constraint)
    elif tried is not None:
        parts = [f"`{value!r}`" for value in tried.takes] + ([] if tried.raises else ["others"])
    elif parameter is not None and parameter.values:
        parts = [f"`{value!r}`" for value in parameter.values] + (["others"] if parameter.other_values else [])
    if len(parts) > _MOST_VALUES:
        parts = [*parts[:_MOST_VALUES], f"{len(parts) - _MOST_VALUES} more"]
    return ", ".join(parts[:-1]) + f" or {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _alternatives(constraint: Constraint) -> list[str]:
    parts = [f"`{text!r}`" for text in constraint.literals]
    parts += [f"`{value!r}`" for value in constraint.values if value is not None]
    if "b" in constraint.kinds:
        parts.append("`True` or `False`")
    parts += [_interval(each) for each in constraint.intervals]
    for each in constraint.types:
        if each.startswith("has "):
            parts.append(f"an object with {' and '.join(f'`{method}`' for method in each[4:].split(', '))}")
        elif each in _TYPES:
            parts.append(_TYPES[each])
    if "n" in constraint.kinds:
        parts.append("`None`")
    return list(dict.fromkeys(parts))


def _interval(interval: Interval) -> str:
    what = {"int": "a whole number", "real": "a number", "float": "a fraction or other float"}[interval.kind]
    if interval.low == 0 and interval.high == 1:
        what = "a share" if interval.kind != "int" else what
    bounds = []
    if interval.low is not None:
        bounds.append(f"{'≥' if interval.closed in ('left', 'both') else '>'} {interval.low:g}")
    if interval.high is not None:
        bounds.append(f"{'≤' if interval.closed in ('right', 'both') else '<'} {interval.high:g}")
    what = "a float" if what.startswith("a fraction") else what
    return f"{what} {' and '.join(bounds)}".strip()


# --- values ------------------------------------------------------------------------------------------


def _of_value(known: _Known, name: str, value: str) -> list[str]:
    parameter = _find(known.entry, name)
    if parameter is None:
        return []
    written = summary(known.dotted, name, value)
    takes = _accepted(known, name, parameter)
    if not written and f"`{value!r}`" not in takes:
        return []
    default = "the default" if parameter.default == repr(value) else ""
    title = f"**{value!r}** for `{name}` of `{known.called}`"
    return [
        " · ".join(filter(None, (title, default, known.label))),
        written,
        summary(known.dotted, name),
        f"Takes {takes}." if takes else "",
    ]


def _of_scorer(known: _Known, scorer: Scorer) -> list[str]:
    targets = ", ".join(each for each in _TARGETS if each in scorer.targets)
    methods = " or ".join(f"`{each}`" for each in scorer.response)
    return [
        f"**{scorer.name}** · scorer for {scorer.family} · {known.label}",
        _scorer_note(scorer.name),
        f"Targets: {targets}. Calls {methods}." if scorer.family == "classification" else f"Calls {methods}.",
    ]


def _scorer_note(name: str) -> str:
    """That on its metric, how it averages, and why it may be negative."""
    scorer = scorers().get(name)
    if scorer is None:
        return ""
    average = next((text for end, text in _AVERAGES.items() if f"_{end}" in name), "")
    sign = "" if scorer.greater_is_better else "Negated, so that greater is better."
    return " ".join(filter(None, (note(_metric_of(scorer)), average, sign)))


def _metric_of(scorer: Scorer) -> str:
    """The public name of the function behind a scorer; two of them are parts of one."""
    short = scorer.metric.rpartition(".")[2]
    return f"sklearn.metrics.{'class_likelihood_ratios' if short.endswith('likelihood_ratio') else short}"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
