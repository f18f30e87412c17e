"""What the base says of the newest version of a library is what the library itself says, asked by importing it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import re
import sys
import warnings
import zipfile
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from types import ModuleType

import pytest

from mlsense.knowledge.library import NAMES, Library, Offer, _signature, libraries, library

# Modules that tell the world something when imported, or need what is not installed.
NOT_IMPORTED = (
    "sklearn.externals",
    "sklearn.experimental.",
    "numpy.testing",
    "pandas.testing.",
    "numpy.typing.mypy_plugin",
    "numpy.conftest",
)
INSTALLED = [name for name in ("sklearn", "pandas", "numpy", "matplotlib", "scipy") if importlib.util.find_spec(name)]
ALL = libraries()


def offer(name: str) -> Offer:
    """Of the installed version; skips where the base does not know that one."""
    known = library(name)
    assert known is not None
    installed = importlib.import_module(name).__version__
    found = known.at(installed)
    if found is None or not found.exact:
        pytest.skip(f"{name} {installed} is not in the base")
    return found


def imported(name: str) -> ModuleType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return None


def real(dotted: str) -> object:
    """What a dotted name is, imported; None where its module cannot be."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        thing: object = imported(".".join(parts[:cut]))
        if thing is None:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for part in parts[cut:]:
                    thing = getattr(thing, part)
        except (AttributeError, ImportError):
            return None
        return thing
    return None


def modules(of: Offer) -> Iterator[tuple[str, ModuleType]]:
    for name in of.library._modules:
        if of._known(name) is not None and not name.startswith(NOT_IMPORTED) and (module := imported(name)):
            yield name, module


def things(of: Offer) -> Iterator[tuple[str, object]]:
    """All public classes and functions by their canonical names."""
    for name in of.library._things:
        entry = of.find(name)
        if "._" in name or entry is None or entry.name != name or name.startswith(NOT_IMPORTED):
            continue
        thing = real(name)
        if thing is not None:
            yield name, thing


@pytest.mark.parametrize("name", INSTALLED)
def test_star_imports_bind_what_the_base_says(name: str) -> None:
    of, wrong, told = offer(name), {}, 0
    for module, _ in modules(of):
        exports = of.exports(module)
        if exports is None:
            continue
        told += 1
        bound: dict[str, object] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Of submodules a process of its own would have exactly these; here others may have been imported before.
            try:
                exec(f"from {module} import *", bound)
            except ImportError:
                # scikit-learn 1.9 lists names that it does not give.
                continue
        bound.pop("__builtins__", None)
        bare = not hasattr(sys.modules[module], "__all__")
        # `sklearn.experimental` adds names that were only to be had by attribute before.
        later = set(of.known_children(module)) if hasattr(sys.modules[module], "__getattr__") else set()
        bound = {key: value for key, value in bound.items() if key in exports or key not in later}
        extra = {key for key in set(bound) - set(exports) if not (bare and f"{module}.{key}" in sys.modules)}
        if extra or set(exports) - set(bound):
            wrong[module] = (sorted(extra), sorted(set(exports) - set(bound)))
    assert not wrong
    assert told > 10


@pytest.mark.parametrize("name", INSTALLED)
def test_modules_have_what_the_base_says(name: str) -> None:
    of, wrong, closed = offer(name), {}, 0
    for module, thing in modules(of):
        children = of.children(module)
        if children is None:
            continue
        closed += 1
        # Tests are left out of the base.
        missing = {key for key in vars(thing) if not key.startswith("_")} - {*children, "tests", "conftest"}
        invented = [key for key in children if not hasattr(thing, key) and imported(f"{module}.{key}") is None]
        # Constants and names of other libraries may be set under conditions, and deleted again.
        places = {key: of._place(f"{module}.{key}") for key in invented}
        invented = [key for key, place in places.items() if place is None or place.kind not in ("constant", "foreign")]
        if missing or invented:
            wrong[module] = (sorted(missing), sorted(invented))
    assert not wrong
    assert closed > 10


def shape(parameters: Iterator[inspect.Parameter]) -> list[tuple[str, str, bool]]:
    return [
        (p.name, p.kind.name.lower().replace("_", "-"), p.default is not inspect.Parameter.empty) for p in parameters
    ]


@pytest.mark.parametrize("name", INSTALLED)
def test_signatures_are_those_that_inspect_finds(name: str) -> None:
    of, wrong, told = offer(name), {}, 0
    for dotted, thing in things(of):
        entry = of.find(dotted)
        assert entry is not None
        if entry.signature is None or (entry.accepts_any and not any(p.kind == "var-keyword" for p in entry.signature)):
            continue
        try:
            # A decorator's own idea of the signature may leave out what is still accepted, with a warning.
            found = inspect.signature(inspect.unwrap(thing))  # type: ignore[arg-type]
            if isinstance(thing, type) and {"__init__", "__new__"} <= set(vars(thing)):
                # Both are asked, and the second is the stricter one.
                found = inspect.signature(thing.__init__.__get__(thing))  # type: ignore[misc]
        except (ValueError, TypeError):
            continue
        if [p.kind for p in found.parameters.values()] == [
            inspect.Parameter.VAR_POSITIONAL,
            inspect.Parameter.VAR_KEYWORD,
        ]:
            # `__new__(cls, *args, **kwargs)`: what `__init__` takes says more.
            continue
        if entry.accepts_any and any(
            p.kind == "var-positional" and p.name not in found.parameters for p in entry.signature
        ):
            # A stub's word for C code, which is not taken for certain.
            continue
        told += 1
        expected = shape(iter(found.parameters.values()))
        old = [p for p in entry.signature if p.default == "..." and p.deprecated]
        given = [
            (p.name, p.kind, p.default is not None)
            for p in entry.signature
            if p not in old or p.name in found.parameters
        ]
        if given != expected:
            wrong[dotted] = (given, expected)
    assert not wrong
    assert told > 50


@pytest.mark.parametrize("name", INSTALLED)
def test_closed_classes_have_exactly_these_members(name: str) -> None:
    of, wrong, told = offer(name), {}, 0
    for dotted, thing in things(of):
        members = of.members(dotted)
        if members is None or not members.closed or not isinstance(thing, type):
            continue
        told += 1
        metaclass = set(dir(type(thing))) - set(dir(type))
        public = {member for member in dir(thing) if not member.startswith("_")} - metaclass
        missing = public - {*members.methods, *members.properties, *members.attributes}
        # One `set_score_request` too many means a question left unasked, not a wrong answer.
        known = {*members.methods, *members.properties}
        invented = {member for member in known - public if not re.fullmatch("set_[a-z_]+_request", member)}
        if missing or invented:
            wrong[dotted] = (sorted(missing), sorted(invented))
    assert not wrong
    assert told > 5


def test_every_estimator_of_the_newest_scikit_learn_is_known_with_its_parameters() -> None:
    discovery = pytest.importorskip("sklearn.utils.discovery")
    of = offer("sklearn")
    wrong = {}
    for _, cls in discovery.all_estimators():
        module = ".".join(takewhile(lambda part: not part.startswith("_"), cls.__module__.split(".")))
        entry = of.find(f"{module}.{cls.__name__}")
        expected = [p for p in inspect.signature(cls).parameters if p not in ("args", "kwargs")]
        given = [p.name for p in entry.signature or ()] if entry is not None else None
        if given != expected:
            wrong[cls.__name__] = (given, expected)
    assert not wrong


@pytest.mark.parametrize(
    ("name", "version", "dotted", "kind", "since", "replacement"),
    [
        ("numpy", "2.4", "numpy.float", "removed", "1.24", "float"),
        ("numpy", "1.26", "numpy.bool", "removed", "1.24", "bool"),
        ("numpy", "2.0", "numpy.NaN", "removed", "2.0", None),
        ("pandas", "2.2", "pandas.DataFrame.append", "removed", "2.0", "pandas.concat"),
        ("pandas", "3.0", "pandas.Series.append", "removed", "2.0", "pandas.concat"),
        ("sklearn", "1.9", "sklearn.datasets.load_boston", "removed", "1.2", None),
        ("sklearn", "1.5", "sklearn.externals.joblib", "removed", "0.23", "joblib"),
        ("sklearn", "1.0", "sklearn.cross_validation", "removed", "0.20", None),
        ("sklearn", "1.0", "sklearn.cross_validation.train_test_split", "renamed", "0.20",
         "sklearn.model_selection.train_test_split"),
        ("sklearn", "1.0", "sklearn.preprocessing.Imputer", "removed", "0.22", "sklearn.impute.SimpleImputer"),
        ("sklearn", "1.1", "sklearn.model_selection.TunedThresholdClassifierCV", "added", "1.5", None),
        ("matplotlib", "3.11", "matplotlib.cm.get_cmap", "renamed", "3.11", "matplotlib.pyplot.get_cmap"),
        ("matplotlib", "3.11", "matplotlib.pyplot.plot_date", "removed", "3.11", None),
        ("statsmodels", "0.14", "statsmodels.tsa.arima_model.ARIMA", "removed", "0.13",
         "statsmodels.tsa.arima.model.ARIMA"),
        ("polars", "1.44", "polars.DataFrame.groupby", "removed", "1.0", "polars.DataFrame.group_by"),
        ("airflow", "3.3", "airflow.operators.dummy.DummyOperator", "removed", "3.0",
         "airflow.operators.empty.EmptyOperator"),
        ("torch", "2.13", "torch.symeig", "removed", "2.0", "torch.linalg.eigvalsh"),
        ("scipy", "1.17", "scipy.misc.imread", "removed", "1.3", "imageio.imread"),
        ("scipy", "1.17", "scipy.integrate.simps", "removed", "1.14", "scipy.integrate.simpson"),
        ("scipy", "1.17", "scipy.integrate.trapz", "removed", "1.14", "scipy.integrate.trapezoid"),
        ("scipy", "1.17", "scipy.interp", "removed", "1.12", "numpy.interp"),
        ("scipy", "1.17", "scipy.stats.binom_test", "removed", "1.12", "scipy.stats.binomtest"),
    ],
)  # fmt: skip
def test_what_is_gone_is_known(
    name: str, version: str, dotted: str, kind: str, since: str, replacement: str | None
) -> None:
    known = library(name)
    assert known is not None
    of = known.at(version)
    assert of is not None
    change = of.change(dotted)
    assert change is not None
    assert (change.kind, change.version) == (kind, since)
    if replacement is not None:
        assert change.replacement == replacement


@pytest.mark.parametrize(
    ("version", "dotted", "parameter", "kind", "since", "replacement"),
    [
        ("1.4", "sklearn.ensemble.AdaBoostClassifier", "base_estimator", "renamed", "1.4", "estimator"),
        ("1.9", "sklearn.preprocessing.OneHotEncoder", "sparse", "renamed", "1.4", "sparse_output"),
        ("1.3", "sklearn.linear_model.LinearRegression", "normalize", "removed", "1.2", None),
        ("1.0", "sklearn.preprocessing.OneHotEncoder", "min_frequency", "added", "1.1", None),
    ],
)
def test_parameters_that_are_gone_are_known(
    version: str, dotted: str, parameter: str, kind: str, since: str, replacement: str | None
) -> None:
    known = library("sklearn")
    of = known.at(version) if known is not None else None
    assert of is not None
    change = of.parameter_change(dotted, parameter)
    assert change is not None
    assert (change.kind, change.version, change.replacement) == (kind, since, replacement)


def test_names_that_only_a_table_of_airflow_has_are_there_and_deprecated() -> None:
    known = library("airflow")
    of = known.at("3.3") if known is not None else None
    assert of is not None
    entry = of.find("airflow.operators.python.PythonOperator")
    assert entry is not None
    assert entry.replacement == "airflow.providers.standard.operators.python.PythonOperator"
    assert of.change("airflow.operators.python.PythonOperator") is None
    gone = of.parameter_change("airflow.DAG", "schedule_interval")
    assert gone is not None
    assert (gone.kind, gone.version) == ("removed", "3.0")


def test_pyplot_takes_the_parameters_that_the_axes_still_take_with_a_warning() -> None:
    known = library("matplotlib")
    for version, there in (("3.10", True), ("3.11", False)):
        of = known.at(version) if known is not None else None
        entry = of.find("matplotlib.pyplot.boxplot") if of is not None else None
        assert entry is not None
        assert any(taken.name == "labels" for taken in entry.signature or ()) == there


def test_a_deprecated_parameter_says_since_when_and_what_instead() -> None:
    known = library("sklearn")
    of = known.at("1.2") if known is not None else None
    entry = of.find("sklearn.ensemble.BaggingClassifier") if of is not None else None
    assert entry is not None
    old = next(p for p in entry.signature or () if p.name == "base_estimator")
    assert (old.deprecated, old.replacement) == ("1.2", "estimator")


def test_a_name_that_exists_or_never_did_has_no_change() -> None:
    known = library("sklearn")
    of = known.at() if known is not None else None
    assert of is not None
    assert of.change("sklearn.svm.SVC") is None
    assert of.change("sklearn.svm.SVM") is None
    assert of.parameter_change("sklearn.svm.SVC", "kernal") is None


def test_versions_older_than_all_known_ones_are_unknown_and_newer_ones_are_not_closed() -> None:
    known = library("sklearn")
    assert known is not None
    assert known.at("0.1") is None
    newer = known.at("99.0")
    assert newer is not None
    assert newer.version == known.versions[-1]
    assert newer.children("sklearn.svm") is None
    members = newer.members("sklearn.svm.SVC")
    assert members is not None
    assert not members.closed
    entry = newer.find("sklearn.svm.SVC")
    assert entry is not None
    assert entry.accepts_any


def test_what_scipy_does_not_have_any_more_is_gone_from_the_installed_one() -> None:
    of, told, wrong = offer("scipy"), 0, []
    versions = [older for version in of.library.versions if (older := of.library.at(version)) is not None]
    names = {
        f"{module}.{name}"
        for older in versions
        for module in of.library._modules
        if module.count(".") < 2 and not module.startswith(NOT_IMPORTED)
        for name in older.known_children(module)
    }
    for name in sorted(names):
        change = of.change(name)
        if change is None:
            continue
        told += 1
        thing = real(name)
        # There only to say that it is gone: to call it raises.
        if thing is not None and not of.library._thing(name):
            wrong.append(name)
    assert not wrong
    assert told > 100


def test_names_made_at_run_time_are_never_said_to_be_gone() -> None:
    modules = {"models": "0-\n\t\t\n+BertFast +Trainer@1- +OldFast@0 +Old@0"}
    lives = {"BertFast": "0-", "Trainer": "1-", "OldFast": "0", "Old": "0"}
    things = {f"models.{name}": f"{life}\nk\t\tc" for name, life in lives.items()}
    data = {
        "name": "models",
        "distribution": "models",
        "versions": ["1.0", "1.4"],
        "modules": modules,
        "things": things,
    }
    whole = Library(data).at("1.4")
    part = Library({**data, "made": ["Fast"], "thinned": True}).at("1.4")
    assert whole is not None
    assert part is not None
    for of, made in ((whole, True), (part, False)):
        assert (of.change("models.OldFast") is not None) == made
        change = of.change("models.Old")
        assert change is not None
        assert (change.kind, change.version) == ("removed", "1.4")
        # Between the two may be a release that had it not.
        assert change.at_latest != made


def test_libraries_that_are_not_there_are_none() -> None:
    assert library("no_such_library") is None
    assert library("../names/sklearn") is None


@pytest.mark.parametrize("name", ALL)
def test_everything_in_a_part_can_be_read(name: str) -> None:
    known = library(name)
    assert known is not None
    for module in known._modules:
        assert known._module(module) is not None
    for thing in known._things:
        found = known._thing(thing)
        assert found is not None
        for key, facts in found.facts.items():
            for fact in facts:
                text = fact.value.partition("\t")[0]
                if key == "s" or (key[0] == "." and text[1:]):
                    _signature(text)


def test_the_whole_base_is_small(tmp_path: Path) -> None:
    packed = tmp_path / "names.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in NAMES.glob("*.json"):
            archive.write(path, path.name)
    assert packed.stat().st_size <= 3_000_000


def test_a_part_says_which_library_it_is_of() -> None:
    for name in ALL:
        known = library(name)
        assert isinstance(known, Library)
        assert known.name == name
        assert json.loads((NAMES / f"{name}.json").read_text(encoding="utf-8"))["versions"] == list(known.versions)


def test_what_a_keras_optimizer_takes_and_gives_back() -> None:
    keras = library("keras")
    assert keras is not None
    older, newest = keras.at("2.10"), keras.at("3.15")
    assert older is not None
    assert newest is not None
    # By a `__getattr__` that knows what the optimizer was made with.
    assert older.change("keras.optimizers.Adam.learning_rate") is None
    change = newest.parameter_change("keras.optimizers.Adam", "lr")
    assert change is not None
    assert (change.kind, change.version) == ("removed", "3.0")
    assert newest.parameter_change("keras.optimizers.Adam", "clipnorm") is None
