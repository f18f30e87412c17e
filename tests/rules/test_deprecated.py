"""What the rule on deprecated names says to use instead is there in the libraries that are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.library import library
from mlsense.knowledge.versions import Versions
from mlsense.rules.replacements import REPLACED
from mlsense.rules.succession import replacement_of
from mlsense.syntax import script
from mlsense.text import apply_edits
from rules.test_missing_names import LIBRARIES, installed, there

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.library import Offer


def deprecated(offered: Offer) -> Iterator[str]:
    """The names of a version, and those of its classes, that it deprecates for others."""
    for name in offered.library._things:
        members = offered.members(name)
        inner = (*members.methods, *members.properties) if members is not None else ()
        yield from (each for each in (name, *(f"{name}.{one}" for one in inner)) if replacement_of(offered, each))


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_is_deprecated_is_there_and_so_is_what_takes_its_place(name: str) -> None:
    offered = installed(name)
    for dotted in deprecated(offered):
        instead = replacement_of(offered, dotted)
        assert there(dotted), dotted
        row = REPLACED.get(dotted)
        assert instead is not None
        assert there(instead) or (row is not None and not row.is_name), dotted


def test_the_names_most_used_are_among_them() -> None:
    pandas, numpy = library("pandas"), library("numpy")
    assert pandas is not None
    assert numpy is not None
    assert "pandas.DataFrame.applymap" in set(deprecated(pandas.at("2.2")))  # type: ignore[arg-type]
    assert replacement_of(numpy.at("2.0"), "numpy.trapz") == "numpy.trapezoid"  # type: ignore[arg-type]


RULES = ("deprecated-api", "unknown-keyword")


def findings(text: str, **installed_versions: str) -> list[tuple[str, str]]:
    """Messages, each with the text after its fix."""
    versions = Versions("here", tuple(installed_versions.items()))
    report = Analyser().analyse(script("a.py", text), Settings.of(select=RULES, versions=versions))
    return [
        (each.message, apply_edits(text, [edit.edit for edit in each.fix.edits]) if each.fix is not None else "")
        for each in report.findings
    ]


def test_it_says_when_it_ends_where_a_later_version_does_not_have_it() -> None:
    text = "import numpy as np\nprint(np.trapz([1, 2]))\n"
    told = "`np.trapz` still works in numpy 2.0 and is gone in 2.4: use `np.trapezoid`."
    assert findings(text, numpy="2.0.1") == [(told, text.replace("trapz", "trapezoid"))]
    assert findings(text, numpy="1.26.4") == []


def test_methods_of_frames() -> None:
    text = "import pandas as pd\nhomes = pd.DataFrame({'a': [1]})\nprint(homes.applymap(str))\n"
    told = "`DataFrame.applymap` still works in pandas 2.2 and is gone in 3.0: use `DataFrame.map`."
    assert findings(text, pandas="2.2.3") == [(told, text.replace("applymap", "map"))]
    assert findings(text, pandas="2.0.3") == []


def test_parameters() -> None:
    text = "from sklearn.ensemble import AdaBoostClassifier\nAdaBoostClassifier(base_estimator=None)\n"
    told = (
        "`AdaBoostClassifier(base_estimator=...)` still works in scikit-learn 1.2 and is gone in 1.4: use `estimator`."
    )
    assert findings(text, **{"scikit-learn": "1.2.2"}) == [(told, text.replace("base_estimator", "estimator"))]
    assert findings(text, **{"scikit-learn": "1.1.3"}) == []


def test_two_parameters_that_became_one_are_not_renamed() -> None:
    text = "import pandas as pd\na = pd.DataFrame({'a': [1]})\nprint(a.join(a, lsuffix='l', rsuffix='r'))\n"
    assert [fixed for _, fixed in findings(text, pandas="3.1.0")] == ["", ""]


def test_a_device_is_given_to_what_wants_one() -> None:
    text = "import torch\nwith torch.cuda.amp.autocast({}):\n    pass\n"
    for given, wanted in (("", '"cuda"'), ("enabled=False", '"cuda", enabled=False')):
        fixed = text.format(wanted).replace("cuda.amp", "amp")
        assert [each for _, each in findings(text.format(given), torch="2.13.0")] == [fixed]


@pytest.mark.parametrize(("asked", "instead"), [("True", '"IMAGENET1K_V1"'), ("False", "None")])
def test_pretrained_weights(asked: str, instead: str) -> None:
    text = "from torchvision import models\nprint(models.resnet50(pretrained={}))\n"
    fixed = text.format("=").replace("pretrained==", f"weights={instead}")
    assert [each for _, each in findings(text.format(asked), torchvision="0.20.0")] == [fixed]
    assert findings(text.format("models"), torchvision="0.20.0") == []
    assert findings(f"import timm\nprint(timm.create_model('a', pretrained={asked}))\n") == []


def test_an_import_of_what_moved() -> None:
    text = "from airflow.operators.python_operator import PythonOperator\n"
    fixed = "from airflow.operators.python import PythonOperator\n"
    assert [each for _, each in findings(text, **{"apache-airflow": "2.6.0"})] == [fixed]


ERRORS = """\
from sklearn import metrics
from sklearn.metrics import mean_squared_error

a, b = [1.0, 2.0], [1.5, 2.0]
print({})
"""


@pytest.mark.parametrize(
    ("written", "fixed"),
    [
        ("mean_squared_error(a, b, squared=False)", "root_mean_squared_error(a, b)"),
        ("mean_squared_error(a, b, squared=True)", "mean_squared_error(a, b)"),
        (
            "metrics.mean_squared_error(squared=False, y_true=a, y_pred=b)",
            "metrics.root_mean_squared_error(y_true=a, y_pred=b)",
        ),
        ("metrics.mean_squared_log_error(a, b, squared=False)", "metrics.root_mean_squared_log_error(a, b)"),
        ("mean_squared_error(a, b, squared=a is b)", ""),
    ],
)
@pytest.mark.parametrize(
    ("version", "ends"),
    [("1.5.2", "still works in scikit-learn 1.5 and is gone in 1.6"), ("1.9.1", "was removed in scikit-learn 1.6")],
)
def test_a_value_that_became_a_function(written: str, fixed: str, version: str, ends: str) -> None:
    found = findings(ERRORS.format(written), **{"scikit-learn": version})
    imported = "mean_squared_error\n"
    wanted = ERRORS.format(fixed) if fixed else ""
    if fixed.startswith("root"):
        wanted = wanted.replace(imported, f"{imported}from sklearn.metrics import root_mean_squared_error\n", 1)
    if not fixed and version == "1.5.2":
        assert found == []
        return
    ((message, text),) = found
    assert ends in message
    assert text == wanted


@pytest.mark.parametrize("version", ["2.2.3", "3.1.0"])
@pytest.mark.parametrize(("asked", "name"), [("ffill", "ffill"), ("pad", "ffill"), ("bfill", "bfill")])
def test_gaps_are_filled_by_methods_of_their_own(version: str, asked: str, name: str) -> None:
    text = "import pandas as pd\na = pd.DataFrame({{'a': [1]}})\nprint(a.{})\n"
    written = text.format(f"fillna(method='{asked}', limit=1)")
    assert [fixed for _, fixed in findings(written, pandas=version)] == [text.format(f"{name}(limit=1)")]


def test_before_there_was_a_function_for_it_nothing_is_said() -> None:
    assert findings(ERRORS.format("mean_squared_error(a, b, squared=False)"), **{"scikit-learn": "1.3.2"}) == []
