"""How the snippets that test, log and configure are tried out; the others: tests/snippets/test_engineering.py."""

from __future__ import annotations

from snippets.packs.serve import WINE
from snippets.running import PYTEST, Case
from snippets.texts import text_of

# Beside each test lies the training script of the same pack, which it tests.
TRAINING = {"train.py": text_of("ml-cli")}
ROWS = """
import pandas as pd
from sklearn.datasets import load_wine

wine = load_wine(as_frame=True)
kinds = pd.Categorical.from_codes(wine.target, ["barolo", "grignolino", "barbera"])
wine.data.assign(cultivar=kinds).drop_duplicates().to_csv("rows.csv", index=False)
"""
SPLIT = """
from sklearn.model_selection import GroupShuffleSplit


def split(df):
    train, test = next(GroupShuffleSplit(1, random_state=42).split(df, groups=df["customer"]))
    return df.iloc[train], df.iloc[test]
"""
VISITS = """
from sklearn.datasets import load_wine

X = load_wine(as_frame=True).data
X.assign(customer=[number // 6 for number in range(len(X))]).to_csv("rows.csv", index=False)
"""
FEATURES = '''
import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


def clean(table):
    """Gaps become 0, names lose what surrounds them."""
    return table.assign(amount=table["amount"].fillna(0), name=table["name"].str.strip())


class Clipper(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Cuts what lies outside of what training saw."""

    def fit(self, X, y=None):
        X = validate_data(self, X, dtype=np.float64)
        self.low_, self.high_ = X.min(axis=0), X.max(axis=0)
        return self

    def transform(self, X):
        check_is_fitted(self)
        return np.clip(validate_data(self, X, dtype=np.float64, reset=False), self.low_, self.high_)
'''
CONFTEST = """
import os

import pytest


def test_each_gets_rows_of_its_own(df):
    assert len(df) == 100
    df.drop(columns=df.columns, inplace=True)


def test_the_next_one_has_them_all(df):
    assert len(df) == 100 and "alcohol" in df


def test_numbers_are_the_same_each_time():
    import numpy as np
    import random

    assert (random.random(), np.random.random()) == (0.6394267984578837, 0.3745401188473625)


def test_the_network_is_out_of_reach():
    import urllib.error
    import urllib.request

    with pytest.raises((RuntimeError, urllib.error.URLError), match="a test asked the network"):
        urllib.request.urlopen("http://127.0.0.1:1/")
"""
RAISES = """
def fails(work):
    try:
        work()
    except (SystemExit, Exception) as error:
        return str(error)
    raise AssertionError("went through")

"""


def tested(before: str, files: dict[str, str], name: str, prints: str) -> Case:
    """A file of tests that runs itself."""
    return Case(before, f"import pytest\n{PYTEST}", files, name=name, prints=prints)


CASES = {
    "ml-test-data": tested(ROWS, {}, "test_data.py", "6 passed"),
    "ml-test-split": tested(VISITS, {"train.py": SPLIT}, "test_split.py", "1 passed"),
    "ml-test-transforms": tested("", TRAINING, "test_transforms.py", "4 passed"),
    "ml-test-training": tested("", TRAINING, "test_training.py", "4 passed"),
    "ml-test-unittest": Case("", "", TRAINING, name="test_unittest.py"),
    "ml-test-property": tested("", TRAINING, "test_property.py", "2 passed"),
    "ml-test-property-clean": tested("", {"features.py": FEATURES}, "test_clean.py", "2 passed"),
    "ml-test-fixtures": Case(
        ROWS,
        'if __name__ == "__main__":\n'
        '    raise SystemExit(pytest.main(["-q", "-p", "no:cacheprovider", "test_all.py"]))',
        {"test_all.py": CONFTEST},
        name="conftest.py",
        prints="4 passed",
    ),
    "ml-test-estimator": tested("", {"features.py": FEATURES}, "test_estimator.py", " passed"),
    "ml-log": Case(
        "",
        """\
import warnings

warnings.simplefilter("default")
log.info("begun")
warnings.warn("too few rows", stacklevel=1)
lines = open("train.log", encoding="utf-8").read()
assert " INFO    __main__: begun" in lines and " WARNING py.warnings: " in lines and "too few rows" in lines
""",
    ),
    "ml-log-time": Case(
        "import logging\n\nlogging.basicConfig(filename='log.txt', level='INFO', format='%(message)s')\n" + WINE,
        RAISES
        + """
def broken():
    with step("division"):
        1 / 0

assert fails(broken) == "division by zero"
lines = open("log.txt").read().splitlines()
assert lines[0] == "training begins" and lines[1].startswith("training took ") and lines[2] == "division begins"
assert lines[3].startswith("division failed after ") and lines[-1] == "ZeroDivisionError: division by zero"
""",
    ),
    "ml-log-run": Case(
        WINE,
        """\
import pandas as pd

table = pd.read_json("runs.jsonl", lines=True)
assert table.loc[0, "rows"] == len(X_train) and table.loc[0, "score"] > 0.85
assert table.loc[0, "parameters"]["logisticregression__C"] == 1.0
""",
    ),
    "ml-config": Case(
        "",
        RAISES
        + """
assert settings == Settings(data=Path("rows.csv"), target="target", test_share=0.2, seed=42)
Path("wrong.toml").write_text('[training]\\ndata = "x"\\ntarget = "y"\\ntest_shape = 0.3\\n')
assert "test_shape" in fails(lambda: settings_of(Path("wrong.toml")))
Path("wrong.toml").write_text('[training]\\ndata = "x"\\ntarget = "y"\\ntest_share = 20\\n')
assert "test_share is 20" in fails(lambda: settings_of(Path("wrong.toml")))
""",
        {"settings.toml": text_of("ml-config-toml")},
    ),
    "ml-config-env": Case(
        "",
        RAISES
        + """
assert settings.api_key.get_secret_value() == "secret" and settings.workers == 4
assert settings.data_url == "sqlite:///rows.db"
os_environ = __import__("os").environ
os_environ["ML_WORKERS"] = "0"
assert "greater than or equal to 1" in fails(Settings)
""",
        {".env": "ML_API_KEY=secret\n"},
        variables={"ML_WORKERS": "4"},
        prints="api_key=SecretStr('**********')",
    ),
    "ml-cli": Case(ROWS, name="train.py", arguments=("rows.csv", "--target", "cultivar")),
    "ml-cli-commands": Case(
        name="tool.py", arguments=("train", "rows.csv", "--seed", "7"), prints="train on rows.csv, seed 7"
    ),
}
