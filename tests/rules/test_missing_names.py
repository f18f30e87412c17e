"""What rules say of names that are gone is true of the libraries that are installed."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
import sys
import warnings
from functools import cache
from typing import TYPE_CHECKING

import pytest
from sklearn.datasets import load_iris
from sklearn.utils import all_estimators

from mlsense.analysis import Analyser
from mlsense.knowledge.library import library
from mlsense.rules.api.unknown_attribute import home_of, meant_by, method_meant
from mlsense.rules.asking import first_missing
from mlsense.rules.replacements import REPLACED
from mlsense.rules.succession import change_of, successor
from mlsense.syntax import script
from mlsense.text import apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.library import Offer

LIBRARIES = ("numpy", "pandas", "sklearn")


def there(dotted: str) -> bool:
    """Whether a dotted name leads somewhere, with every module on the way imported."""
    parts = dotted.split(".")
    if len(parts) == 1 and hasattr(builtins, dotted):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for end in range(len(parts), 0, -1):
            try:
                found = importlib.import_module(".".join(parts[:end]))
            except ImportError:
                continue
            for name in parts[end:]:
                try:
                    found = getattr(found, name)
                except (AttributeError, ImportError):
                    return False
            return True
    return False


@cache
def installed(name: str) -> Offer:
    known = library(name)
    assert known is not None
    offered = known.at(pytest.importorskip(name).__version__)
    assert offered is not None
    return offered


@cache
def gone(name: str) -> tuple[str, ...]:
    """The names of the base that the installed version does not have, of modules and of the classes people use."""
    known, offered = library(name), installed(name)
    assert known is not None
    found: dict[str, None] = {}
    for version in known.versions:
        older = known.at(version)
        assert older is not None
        for module in known._modules:
            if "._" in module or ".tests" in module:
                continue
            found.update(dict.fromkeys(f"{module}.{each}" for each in older.known_children(module)))
        for cls in ("numpy.ndarray", "pandas.DataFrame", "pandas.Series", "sklearn.decomposition.PCA"):
            members = older.members(cls) if cls.startswith(name) else None
            for each in (*members.methods, *members.properties) if members is not None else ():
                found[f"{cls}.{each}"] = None
    names = (each for each in found if not each.rpartition(".")[2].startswith("_") and "._" not in each)
    return tuple(sorted(each for each in names if first_missing(offered, each) == each))


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_is_said_to_be_gone_is_gone(name: str) -> None:
    said = [dotted for dotted in gone(name) if change_of(installed(name), dotted) is not None]
    assert len(said) > 30
    assert [dotted for dotted in said if there(dotted)] == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_is_said_to_take_its_place_is_there(name: str) -> None:
    new = {each.name for dotted in gone(name) if (each := successor(installed(name), dotted)) is not None}
    assert len(new) > 5
    # What ends in `_` is an attribute that a fit makes.
    named = [each for each in sorted(new) if each != "six" and not each.endswith("_")]
    assert [each for each in named if not there(each)] == []


@pytest.mark.parametrize("dotted", sorted(REPLACED))
def test_a_row_of_the_table_is_true(dotted: str) -> None:
    row, offered = REPLACED[dotted], installed(dotted.partition(".")[0])
    change = change_of(offered, dotted)
    if offered.find(dotted) is None and change is not None:
        assert not there(dotted)
    else:
        assert there(dotted)
    if row.is_name and row.name != "six":
        assert there(row.name)


@pytest.mark.parametrize("dotted", [dotted for dotted, row in sorted(REPLACED.items()) if row.gone is None])
def test_a_row_is_of_a_name_that_the_base_knew(dotted: str) -> None:
    known = library(dotted.partition(".")[0])
    assert known is not None
    assert any(known.at(version).find(dotted) is not None for version in known.versions)


CONCATENATED = [
    ("homes.append(more)", "pd.concat([homes, more])", "safe"),
    ("homes.append(more, ignore_index=True)", "pd.concat([homes, more], ignore_index=True)", "safe"),
    ("homes.append([more, more], sort=False)", "pd.concat([homes, more, more], sort=False)", "safe"),
    ('homes.append({"a": 3}, ignore_index=True)', 'pd.concat([homes, pd.DataFrame([{"a": 3}])], ignore_index=True)',
     "unsafe"),
    ('homes["a"].append(more["a"])', None, None),
    ("homes.append(unknown)", None, None),
    ("homes.append(*[more])", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "safety"), CONCATENATED)
def test_appending_is_concatenating(written: str, instead: str | None, safety: str | None) -> None:
    head = (
        'import pandas as pd\nhomes = pd.DataFrame({"a": [1]})\nmore = pd.DataFrame({"a": [2]})\n'
        "import unknown\nunknown = unknown.made()\n"
    )
    text = f"{head}{written}\n"
    (finding,) = (each for each in Analyser().analyse(script("x.py", text)).findings if each.rule == "removed-api")
    if instead is None:
        assert finding.fix is None
        return
    assert finding.fix is not None
    assert finding.fix.safety == safety
    assert apply_edits(text, [edit.edit for edit in finding.fix.edits]) == f"{head}{instead}\n"


IMPORTS = [
    ("from sklearn.externals import joblib", "import joblib"),
    ("from sklearn.externals import joblib as jl", "import joblib as jl"),
    ("from sklearn.externals.joblib import dump, load", "from joblib import dump, load"),
    ("import sklearn.externals.joblib as joblib", "import joblib"),
    ("from sklearn.cross_validation import train_test_split as tts", "from sklearn.model_selection import "
     "train_test_split as tts"),
    ("from sklearn.preprocessing import StandardScaler, Imputer", None),
    ("from sklearn.datasets import load_boston", None),
    ("from numpy import product, mean", "from numpy import prod as product, mean"),
    ("from pandas.tools.plotting import scatter_matrix", "from pandas.plotting import scatter_matrix"),
    ("from sklearn import cross_validation\ncross_validation.KFold", "from sklearn import model_selection as "
     "cross_validation\ncross_validation.KFold"),
    ("import sklearn.grid_search as search\nsearch.GridSearchCV", "import sklearn.model_selection as search\n"
     "search.GridSearchCV"),
    ("from sklearn.grid_search import (  # all\n    GridSearchCV,\n)", None),
    ("from keras.layers.core import Dense, Dropout as Drop", "from keras.layers import Dense, Dropout as Drop"),
    ("from keras.layers.experimental import preprocessing", "from keras import layers as preprocessing"),
    ("from keras.utils import np_utils, to_categorical", "from keras import utils as np_utils\n"
     "from keras.utils import to_categorical"),
    ("from keras.preprocessing.text import Tokenizer", None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead"), IMPORTS)
def test_an_import_is_from_where_it_is_now(written: str, instead: str | None) -> None:
    findings = [
        each for each in Analyser().analyse(script("x.py", written + "\n")).findings if each.rule == "removed-api"
    ]
    assert len(findings) == 1
    fix = findings[0].fix
    if instead is None:
        assert fix is None
        return
    assert fix is not None
    assert apply_edits(written + "\n", [edit.edit for edit in fix.edits]) == instead + "\n"


ELSEWHERE = [
    ("from sklearn.preprocessing import SimpleImputer", "from sklearn.impute import SimpleImputer"),
    (
        "from sklearn.preprocessing import SimpleImputer as Fill, scale",
        "from sklearn.impute import SimpleImputer as Fill\nfrom sklearn.preprocessing import scale",
    ),
    (
        "def f():\n    from sklearn.metrics import KFold, r2_score",
        "def f():\n    from sklearn.model_selection import KFold\n    from sklearn.metrics import r2_score",
    ),
    ("from keras.layers import Adam", "from keras.optimizers import Adam"),
    ("import sklearn.svm as svm\nsvm.LogisticRegression()", None),
    ("import numpy as np\nnp.randint(3)", None),
    ("from sklearn import svc, LogisticRegression", None),
]


@pytest.mark.parametrize(("written", "instead"), ELSEWHERE)
def test_a_name_of_another_module_is_found(written: str, instead: str | None) -> None:
    (finding,) = Analyser().analyse(script("x.py", written + "\n")).findings
    assert finding.rule == "unknown-attribute"
    assert "it is in `" in finding.message
    assert (finding.fix is None) == (instead is None)
    if finding.fix is not None:
        assert finding.fix.safety == "safe"
        assert apply_edits(written, [edit.edit for edit in finding.fix.edits]) == instead


VERSION_TESTS = [
    'old = pd.__version__.startswith("1.")\nif old:\n    homes.append(homes)',
    'major, minor = map(int, pd.__version__.split(".")[:2])\nhomes.append(homes) if major < 2 else homes',
    'numbers = tuple(int(part) for part in pd.__version__.split("."))\nif numbers < (2, 0):\n    homes.append(homes)',
    "try:\n    homes.append\n    old = True\nexcept AttributeError:\n    old = False\nif old:\n    homes.append(homes)",
]


@pytest.mark.parametrize("test", VERSION_TESTS)
def test_what_a_test_for_the_version_chooses_is_not_reported(test: str) -> None:
    head = "import pandas as pd\nhomes = pd.DataFrame({'a': [1]})\n"
    assert Analyser().analyse(script("x.py", f"{head}homes.append(homes)\n")).findings
    assert Analyser().analyse(script("x.py", f"{head}{test}\n")).findings == ()


SILENT = [
    "import pandas as pd\nhomes = pd.read_csv('a.csv')\nhomes.iplot()\nhomes.progress_apply(len)\nhomes.hvplot()",
    "import pandas as pd\nhomes = pd.read_csv('a.csv')\nhomes.aply",
    "import pandas as pd\nhomes = pd.read_csv('a.csv')\n{name: list(homes[name].unique()) for name in homes.columns}",
    "import torch.distributed.checkpoint as saved\nfrom torch.distributed import checkpoint",
    "try:\n    from sklearn.preprocessing import SimpleImputer\nexcept ImportError:\n    SimpleImputer = None",
    "import sklearn.svm\nsklearn.svm.Ridge = 3\nsklearn.svm.Ridge()",
    "import torch.onnx.symbolic_opset11",
    "from gymnasium.utils.step_api_compatibility import step_api_compatibility",
    "from airflow.operators.bash import BashOperator",
    "import numpy as np\nnp.float = float\nnp.float(3)",
    'import numpy as np\nif not hasattr(np, "product"):\n    np.product = np.prod\nnp.product([1])',
    'import numpy as np\nx = np.float if hasattr(np, "float") else float',
    "import numpy as np\ntry:\n    x = np.float\nexcept AttributeError:\n    x = float",
    "import numpy as np\nnumber = np.unknown_and_never_there",
    "import pandas as pd\nhomes = pd.read_csv('a.csv')\nhomes.iteritems\nhomes.append",
    "import pandas as pd\nhomes = pd.DataFrame({'ix': [1]})\nhomes.ix[0]",
    "import pandas as pd\ngroups = pd.read_csv('a.csv').groupby('a')\ngroups.mad()\ngroups.append(3)",
    "import pandas as pd\nhomes = pd.read_csv('a.csv')\nif isinstance(homes, list):\n    homes.append(3)",
    "from sklearn.multiclass import OneVsRestClassifier\nfrom sklearn.svm import SVC\n"
    "model = OneVsRestClassifier(SVC())\nif not isinstance(model, OneVsRestClassifier):\n    model.coef_",
    "def more(rows):\n    rows.append(3)\n    return rows.ix[3]",
    "import keras\nx = keras.Input((1,))\nmodel = keras.Model(x, keras.layers.Dense(1)(x))\n"
    "print(model.inputs, model.outputs, model.output_names, model.operations, model.history, model.training)",
    "import keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
    "print(model.inputs, model.outputs, model.input_shape, model.history, model.training, model.layers[0].kernel)",
]


NETWORKS = [
    ("model.predict_classes(x)", "Sequential.predict_classes"),
    ("model.predict_proba(x)", "Sequential.predict_proba"),
    ("model.fit_generator(x)", "Sequential.fit_generator"),
    ("other.fit_generator(x)", "Model.fit_generator"),
    ("print(other.input_names)", "Model.input_names"),
]


@pytest.mark.parametrize(("written", "told"), NETWORKS)
def test_what_networks_had_is_asked_of_their_class(written: str, told: str) -> None:
    head = (
        "import keras\nx = keras.Input((1,))\nother = keras.Model(x, keras.layers.Dense(1)(x))\n"
        "model = keras.Sequential([keras.layers.Dense(1)])\n"
    )
    found = [each for each in Analyser().analyse(script("x.py", f"{head}{written}\n")).findings
             if each.rule == "removed-api"]  # fmt: skip
    assert [each.message.startswith(f"`{told}` was removed in keras ") for each in found] == [True]


@pytest.mark.parametrize("text", SILENT)
def test_it_is_silent(text: str) -> None:
    assert [
        each for each in Analyser().analyse(script("x.py", text + "\n")).findings if each.rule == "removed-api"
    ] == []


# --- names that never were ---------------------------------------------------------------------------


def modules_of(name: str) -> Iterator[str]:
    """All modules below a package, its tests excepted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            package = importlib.import_module(name)
        except ImportError:
            return
    for each in pkgutil.iter_modules(package.__path__, name + "."):
        yield each.name
        if each.ispkg and not each.name.endswith((".tests", ".distutils")):
            yield from modules_of(each.name)


@pytest.mark.parametrize("name", [*LIBRARIES, "imblearn"])
def test_no_module_there_is_is_taken_for_another(name: str) -> None:
    found = list(modules_of(name))
    assert len(found) > 20
    assert [module for module in found if meant_by(installed(name), module) is not None] == []


def read_of(name: str) -> list[str]:
    """The names of the modules of a library that are imported."""
    known = library(name)
    assert known is not None
    modules = [module for module in known._modules if there(module) and module in sys.modules and "._" not in module]
    read = [f"{module}.{each}" for module in modules for each in dir(sys.modules[module])]
    assert len(read) > 100
    return read


@pytest.mark.parametrize("name", [*LIBRARIES, "imblearn", "scipy", "matplotlib", "seaborn", "torch", "gymnasium"])
def test_no_name_there_is_is_taken_for_another(name: str) -> None:
    offered, read = installed(name), read_of(name)
    assert [dotted for dotted in read if meant_by(offered, dotted) is not None] == []
    assert [dotted for dotted in read if home_of(offered, dotted) is not None] == []


@pytest.mark.parametrize("name", [*LIBRARIES, "imblearn"])
def test_no_name_there_is_is_said_to_be_gone(name: str) -> None:
    assert [dotted for dotted in read_of(name) if missing(installed(name), dotted)] == []


def missing(offered: Offer, dotted: str) -> bool:
    """Whether `removed-api` would say that it is not there."""
    gone = first_missing(offered, dotted)
    return gone is not None and change_of(offered, gone) is not None


def test_no_attribute_of_a_fitted_estimator_is_taken_for_another() -> None:
    offered = installed("sklearn")
    X, y = load_iris(return_X_y=True)
    taken, fitted = [], 0
    # Every third, for time.
    for name, cls in all_estimators()[::3]:
        module = ".".join(part for part in cls.__module__.split(".") if not part.startswith("_"))
        if offered.find(f"{module}.{name}") is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                thing = cls().fit(X[::5], y[::5])
            except (AttributeError, TypeError, ValueError):
                continue
            read = [f"{module}.{name}.{each}" for each in dir(thing)]
        fitted += 1
        taken += [each for each in read if meant_by(offered, each) is not None or missing(offered, each)]
    assert fitted > 30
    assert taken == []


@pytest.mark.parametrize(
    "dotted",
    ["numpy.ndarray", "pandas.DataFrame", "pandas.Series", pytest.param("torch.Tensor", marks=pytest.mark.torch)],
)
def test_no_method_there_is_is_taken_for_another(dotted: str) -> None:
    library_name, _, cls = dotted.partition(".")
    offered = installed(library_name)
    names = dir(getattr(importlib.import_module(library_name), cls))
    assert len(names) > 100
    assert [each for each in names if method_meant(offered, f"{dotted}.{each}") is not None] == []
    assert method_meant(offered, f"{dotted}.reshpae" if cls in ("ndarray", "Tensor") else f"{dotted}.haed") is not None


MISSPELT = [
    ("import pandas as pd\npd.DataFrame({}).drop_duplicate()", "drop_duplicates"),
    ("import numpy as np\nnp.zeros(3).reshpae(1, 3)", "reshape"),
    ("import torch\ntorch.zeros(3).unsqeeze(0)", "unsqueeze"),
    ("import torch.nn as nn\nnn.Conv2D(1, 2, 3)", "Conv2d"),
    ("from keras.layers import Dence", "Dense"),
    ("import matplotlib.pyplot as plt\nplt.plott([1])", "plot"),
    ("import numpy as np\nnp.arrange(3)", "arange"),
    ("import numpy as np\nnp.lingalg", "linalg"),
    ("import pandas as pd\npd.read_cvs('a.csv')", "read_csv"),
    ("import pandas as pd\npd.Dataframe({})", "DataFrame"),
    ("from sklearn.ensemble import RandomForrestClassifier", "RandomForestClassifier"),
    ("from sklearn.preprocesing import StandardScaler", "preprocessing"),
    ("from sklearn.cluster import KMeans\nKMeans.fit_perdict", "fit_predict"),
    ("from sklearn.decomposition import PCA\nPCA.fit_transfrom", "fit_transform"),
]


@pytest.mark.parametrize(("text", "meant"), MISSPELT)
def test_a_slip_is_mended(text: str, meant: str) -> None:
    (finding,) = Analyser().analyse(script("x.py", text + "\n")).findings
    assert finding.rule == "unknown-attribute"
    assert f"`{meant}`" in finding.message
    assert finding.fix is not None
    assert meant in apply_edits(text + "\n", [edit.edit for edit in finding.fix.edits])
    with pytest.raises((AttributeError, ImportError)):
        exec(text, {})
