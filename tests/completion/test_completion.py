"""What is completed at a caret: a line below a program, with `|` for the caret."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completion.asking import PROGRAM, at_caret, entries, labels, versions
from mlsense.completion import complete, documentation, signatures
from mlsense.text import apply_edits

NAMES = ["area", "price", "no name"]


@pytest.mark.parametrize(
    ("line", "first", "present", "absent"),
    [
        ("LogisticRegression(|)", ["C="], ["max_iter=", "solver=", "l1_ratio="], ["LogisticRegression="]),
        ("LogisticRegression(C=1, so|)", [], ["solver="], ["C="]),
        ("LogisticRegression(|, C=1)", [], ["solver="], ["C="]),
        ("train_test_split(df, |)", ["random_state=", "test_size="], ["stratify="], ["arrays=", "*arrays="]),
        ("df.drop(|)", [], ["columns=", "inplace="], ["self="]),
        ("df.merge(raw, |)", [], ["how=", "on="], ["right="]),
        ("pd.read_csv('a', |)", [], ["sep=", "usecols="], ["filepath_or_buffer="]),
        ("df.groupby('area').size().reset_index(|", [], [], ["C="]),
        ("pipe.set_params(|)", ["clf__kernel="], ["clf__C=", "scale__with_mean=", "clf="], ["C="]),
        ("pipe.set_params(clf__C=1, |)", [], ["clf__kernel="], ["clf__C="]),
        ("SVC(\n    kernel='rbf',\n    |\n)\nx = 1", [], ["C="], ["kernel="]),
        ("nothing_known(|)", [], [], ["C="]),
        ("LogisticRegression(C=|)", [], [], ["max_iter="]),
        ("LogisticRegression(C=1 |)", [], [], ["max_iter="]),
    ],
)
def test_names_of_arguments(line: str, first: list[str], present: list[str], absent: list[str]) -> None:
    found = labels(line)
    assert found[: len(first)] == first
    assert set(present) <= set(found)
    assert not set(absent) & set(found)


def test_a_deprecated_argument_is_marked_and_last() -> None:
    found = entries("LogisticRegression(|)")
    assert [entry.label for entry in found if entry.deprecated] == [entry.label for entry in found[-2:]]
    assert found[-2].label == "penalty="
    older = entries("LogisticRegression(|)", force=versions(scikit_learn="1.5.0"))
    assert [entry.label for entry in older if entry.deprecated] == ["multi_class="]


def said_of(line: str, label: str) -> str:
    entry = next(entry for entry in entries(line) if entry.label == label)
    assert entry.data is not None
    return documentation(entry.data, versions())


def test_an_entry_says_its_default_what_it_takes_and_since_when() -> None:
    assert [entry.detail for entry in entries("LogisticRegression(|)") if entry.label == "solver="] == ["'lbfgs'"]
    assert "`'saga'`" in said_of("LogisticRegression(|)", "solver=")
    assert "Since version 2.0" in said_of("pd.read_csv(|)", "dtype_backend=")
    assert "`'saga'`" in said_of("GridSearchCV(model, {'|'})", "solver")
    assert "the default" in said_of('LogisticRegression(solver="|")', "lbfgs")
    assert "classification" in said_of('cross_val_score(model, df, scoring="|")', "f1")
    assert said_of("MinMaxS|", "MinMaxScaler").startswith(
        "```python\nfrom sklearn.preprocessing import MinMaxScaler\n```"
    )
    assert "predict_proba" in said_of("model.|", "predict_proba")


def test_arguments_are_those_of_the_version_in_force() -> None:
    assert "monotonic_cst=" not in labels(
        "RandomForestClassifier(|)",
        program="from sklearn.ensemble import RandomForestClassifier\n",
        force=versions(scikit_learn="1.2.0"),
    )
    assert "monotonic_cst=" in labels(
        "RandomForestClassifier(|)", program="from sklearn.ensemble import RandomForestClassifier\n"
    )


def test_a_name_before_an_equals_sign_is_replaced_alone() -> None:
    assert "solver" in labels("LogisticRegression(so|='sag')")


@pytest.mark.parametrize(
    ("line", "first", "present", "absent"),
    [
        ('LogisticRegression(solver="|")', [], ["lbfgs", "liblinear", "saga"], ["l2", "None"]),
        ('LogisticRegression(solver="li|b")', [], ["liblinear"], []),
        ('LogisticRegression(penalty="l1", solver="|")', [], ["liblinear", "saga"], ["lbfgs", "sag"]),
        ('LogisticRegression(solver="|", penalty="l1")', [], ["liblinear", "saga"], ["lbfgs", "sag"]),
        ("LogisticRegression(solver='lbfgs', penalty='|')", [], ["l2"], ["l1", "elasticnet"]),
        ('SVC(kernel="|', [], ["rbf", "linear"], []),
        ("SVC(kernel=|)", [], ['"rbf"'], ["rbf"]),
        ("SVC(shrinking=|)", [], ["True", "False"], []),
        ("SVC(C=|)", [], [], ["None"]),
        ('print(kernel="|")', [], [], ["rbf"]),
        ('SVC("|")', [], [], ["rbf"]),
        ('cross_val_score(model, df, scoring="|")', ["accuracy"], ["roc_auc", "f1_macro"], ["r2", "rand_score"]),
        ('cross_val_score(LinearRegression(), df, scoring="|")', ["r2"], ["neg_mean_absolute_error"], ["accuracy"]),
        ('GridSearchCV(pipe, {}, scoring="|")', ["accuracy"], ["roc_auc"], ["r2", "neg_log_loss"]),
        ('GridSearchCV(pipe, {}, scoring=["|"])', ["accuracy"], [], ["r2"]),
        ('GridSearchCV(pipe, {}, scoring={"x": "|"})', ["accuracy"], [], ["r2"]),
        ('cross_val_score(unknown, df, scoring="|")', ["accuracy"], ["r2"], []),
        ('df.to_dict(orient="|")', [], ["records", "list"], []),
        ('df.to_dict("|")', [], ["records"], NAMES),
        ('df.merge(raw, how="|")', [], ["inner", "left", "outer"], []),
        ('df.merge(raw, validate="one|")', [], ["one_to_many", "one_to_one"], []),
        ('pd.concat([df, raw], join="|")', [], ["inner", "outer"], ["left"]),
        ('import matplotlib.pyplot as plt\nplt.plot([1], linestyle="|")', [], ["dashed", "--"], ["bold"]),
        ('df.dropna(how="|")', [], ["all", "any"], []),
        ('df.sum(axis="|")', [], ["columns", "index"], []),
        ('df.drop_duplicates(keep="|")', [], ["first", "last"], []),
        ('pd.to_numeric(df, errors="|")', [], ["coerce", "raise"], ["ignore"]),
        ('GridSearchCV(pipe, {"clf__kernel": ["rbf", "|"]})', [], ["linear"], ["rbf"]),
        ('GridSearchCV(pipe, param_grid={"clf__kernel": "|"})', [], ["linear", "rbf"], []),
        ('GridSearchCV(pipe, [{"clf__kernel": ["|"]}])', [], ["linear", "rbf"], []),
        ('GridSearchCV(pipe, {"clf__shrinking": [|]})', [], ["True", "False"], []),
        ('pipe.set_params(clf__kernel="|")', [], ["linear", "rbf"], []),
    ],
)
def test_values(line: str, first: list[str], present: list[str], absent: list[str]) -> None:
    found = labels(line)
    assert found[: len(first)] == first
    assert set(present) <= set(found)
    assert not set(absent) & set(found)


def test_what_needs_another_argument_says_so_and_comes_after_what_fits() -> None:
    found = entries('LogisticRegression(penalty="|")', force=versions(scikit_learn="1.5.0"))
    assert [entry.label for entry in found] == ["l2", "elasticnet", "l1"]
    assert found[1].detail == "not with l1_ratio=None"
    assert found[2].detail == "needs solver='liblinear' or 'saga'"


def test_a_value_fills_the_quotes_and_closes_those_that_are_open() -> None:
    for line, result in (
        ('SVC(kernel="r|x")', 'SVC(kernel="rbf")'),
        ('SVC(kernel="r|', 'SVC(kernel="rbf"'),
        ("SVC(kernel=r|)", 'SVC(kernel="rbf")'),
    ):
        entry = next(entry for entry in entries(line) if "rbf" in entry.label)
        assert entry.span is not None
        text = (PROGRAM + line).replace("|", "", 1)
        assert text[: entry.span.start] + (entry.insert or "") + text[entry.span.end :] == PROGRAM + result


def test_quotes_are_those_that_the_author_writes() -> None:
    program = "from sklearn.svm import SVC\nx = 'a'\ny = 'b'\n"
    assert "'rbf'" in labels("SVC(kernel=|)", program=program)


@pytest.mark.parametrize(
    ("line", "first", "present"),
    [
        ('keras.layers.Dense(3, activation="|")', ["relu", "softmax"], ["gelu"]),
        ('net.compile(loss="|")', ["binary_crossentropy"], ["sparse_categorical_crossentropy"]),
        ('net.compile(optimizer="|")', ["adam"], ["rmsprop"]),
        ('net.compile(metrics=["|"])', [], ["accuracy", "sparse_categorical_accuracy"]),
        ('keras.layers.Dense(3, kernel_initializer="|")', ["glorot_uniform", "he_normal"], []),
    ],
)
def test_names_that_keras_takes_as_texts(line: str, first: list[str], present: list[str]) -> None:
    found = labels(line, program="import keras\nnet = keras.Sequential([])\n")
    assert found[: len(first)] == first
    assert set(present) <= set(found)
    assert not {"get", "serialize", "optimizer"} & set(found)


@pytest.mark.parametrize(
    ("line", "first", "absent"),
    [
        ('GridSearchCV(pipe, param_grid={"|"})', ["clf__kernel"], ["C", "kernel"]),
        ('GridSearchCV(pipe, {"clf__C": [1], "|": [2]})', ["clf__kernel"], ["clf__C"]),
        ('GridSearchCV(model, {"|"})', ["C"], ["clf__C"]),
        ('GridSearchCV(estimator=model, param_grid=[{"|"}])', ["C"], []),
        ('GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"|"})', ["svc__kernel"], []),
        ('GridSearchCV(unknown, {"|"})', [], ["C"]),
        ('dict(pipe, {"|"})', [], ["clf__C"]),
    ],
)
def test_keys_of_a_grid(line: str, first: list[str], absent: list[str]) -> None:
    found = labels(line)
    assert found[: len(first)] == first
    assert not set(absent) & set(found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('df["|"]', NAMES),
        ("df['|", NAMES),
        ('df["ar|ea"]', NAMES),
        ('df[["area", "|"]]', ["price", "no name"]),
        ('df[df["|"] > 1]', NAMES),
        ('df.loc[:, "|"]', NAMES),
        ('df.loc[df["area"] > 1, ["|"]]', NAMES),
        ('df.loc["|"]', []),
        ('df.drop(columns="|")', NAMES),
        ('df.drop(columns=["price", "|"])', ["area", "no name"]),
        ('df.drop("|", axis=1)', NAMES),
        ('df.drop("|")', []),
        ('df.groupby("|")', NAMES),
        ('df.groupby(["|"])', NAMES),
        ('df.groupby("area")["|"]', NAMES),
        ('df.groupby("area").agg({"|": "mean"})', NAMES),
        ('df.sort_values("|")', NAMES),
        ('df.sort_values(by=["|"])', NAMES),
        ('df.dropna(subset=["|"])', NAMES),
        ('df.rename(columns={"|": "x"})', NAMES),
        ('df.rename(columns={"area": "|"})', []),
        ('df.astype({"|": int})', NAMES),
        ('df.set_index("|")', NAMES),
        ('pd.get_dummies(df, columns=["|"])', NAMES),
        ('pd.merge(df, raw, left_on="|")', NAMES),
        ('df.merge(df[["area"]], on="|")', ["area"]),
        ('sns.scatterplot(data=df, x="|")', NAMES),
        ('sns.scatterplot(x="|")', []),
        ('ColumnTransformer([("n", StandardScaler(), ["|"])])', ["both", "floor", "rooms", *NAMES]),
        ('ColumnTransformer([("|", StandardScaler(), ["area"])])', []),
        ('make_column_transformer((StandardScaler(), ["area", "|"]))', ["both", "floor", "rooms", "price", "no name"]),
        ('raw["|"]', ["both", "floor", "rooms"]),
        ('x = raw\nx["|"]', ["both", "floor", "rooms"]),
        ('{"a": 1, "b": 2}["|"]', ["a", "b"]),
        ('x["|"]', []),
        ('"|"', []),
        ('x = df["area"] + "|"', []),
        ('df["area"].map({"|": 1})', []),
    ],
)
def test_columns(line: str, expected: list[str]) -> None:
    assert labels(line, program="import seaborn as sns\n" + PROGRAM) == expected


def test_columns_follow_what_is_done_to_the_frame() -> None:
    assert labels('df["new"] = 1\ndel df["price"]\ndf["|"]') == ["area", "no name", "new"]


def test_a_column_with_the_quote_in_its_name_is_left_out() -> None:
    program = "import pandas as pd\ndf = pd.DataFrame({'it\\'s': [1], 'b': [2]})\n"
    assert labels("df['|']", program=program) == ["b"]
    assert labels('df["|"]', program=program) == ["it's", "b"]


@pytest.mark.parametrize(
    ("line", "first", "absent"),
    [
        ("model.|", ["fit", "predict"], ["_more_tags"]),
        ("fitted.|", ["fit", "predict"], []),
        ("df.|", ["area", "price", "head"], ["no name"]),
        ("StandardScaler().|", ["fit_transform"], ["predict"]),
        ("unknown.|", [], ["fit"]),
        ("SVC().|", ["fit"], ["predict_proba"]),
        ("SVC(probability=True).|", ["fit"], []),
    ],
)
def test_attributes(line: str, first: list[str], absent: list[str]) -> None:
    found = labels(line)
    assert found[: len(first)] == first
    assert not set(absent) & set(found)


def test_what_a_fit_leaves_behind_says_so_before_it_and_ranks_after_the_rest() -> None:
    before, after = entries("model.|"), entries("fitted.|")
    assert [entry.detail for entry in before if entry.label == "coef_"] == ["after fit"]
    assert [entry.detail for entry in after if entry.label == "coef_"] == [""]
    details = [entry.detail for entry in before]
    assert details == sorted(details)


def test_beside_another_server_only_columns_are_attributes() -> None:
    assert labels("df.|", python=False) == ["area", "price"]
    assert labels("model.|", python=False) == []
    assert labels("from sklearn.svm import |", python=False) == []
    assert labels('SVC(kernel="|")', python=False) != []


@pytest.mark.parametrize(
    ("line", "first", "absent"),
    [
        ("RandomForest|", ["RandomForestClassifier", "RandomForestRegressor"], ["StandardScaler"]),
        ("MinMaxS|", ["MinMaxScaler"], []),
        ("plt|", ["plt"], []),
        ("pd|", [], ["pd"]),
        ("StandardS|", [], ["StandardScaler"]),
        ("x.RandomF|", [], ["RandomForestClassifier"]),
        ('"RandomF|"', [], ["RandomForestClassifier"]),
        ("def RandomF|", [], ["RandomForestClassifier"]),
        ("Q|", [], ["QuantileTransformer"]),
        ('Pipeline([("scaler", Rob|)])', ["RobustScaler"], []),
        ('Pipeline([("clf", Ra|)])', ["RandomForestClassifier"], []),
        ('Pipeline([("prep", Ra|)])', ["RandomTreesEmbedding"], []),
    ],
)
def test_names_that_are_not_imported(line: str, first: list[str], absent: list[str]) -> None:
    found = labels(line)
    assert found[: len(first)] == first
    assert not set(absent) & set(found)


def test_only_what_the_version_has_is_imported() -> None:
    assert "TargetEncoder" in labels("TargetE|")
    assert "TargetEncoder" not in labels("TargetE|", force=versions(scikit_learn="1.2.0"))


@pytest.mark.parametrize(
    ("cell", "label", "result"),
    [
        (
            "import os\n\nMinMaxS|",
            "MinMaxScaler",
            "import os\nfrom sklearn.preprocessing import MinMaxScaler\n\nMinMaxS",
        ),
        (
            "from sklearn.preprocessing import OneHotEncoder\nimport os\nMinMaxS|",
            "MinMaxScaler",
            "from sklearn.preprocessing import OneHotEncoder, MinMaxScaler\nimport os\nMinMaxS",
        ),
        (
            "from sklearn.preprocessing import (\n    OneHotEncoder,\n)\n\nMinMaxS|",
            "MinMaxScaler",
            "from sklearn.preprocessing import (\n    OneHotEncoder,\n)\n"
            "from sklearn.preprocessing import MinMaxScaler\n\nMinMaxS",
        ),
        ("import os  # paths\nplt|", "plt", "import os  # paths\nimport matplotlib.pyplot as plt\nplt"),
        ('"""Docs."""\nx = 1\nplt|', "plt", '"""Docs."""\nimport matplotlib.pyplot as plt\n\nx = 1\nplt'),
        ("#!/usr/bin/env python\nplt|", "plt", "#!/usr/bin/env python\nimport matplotlib.pyplot as plt\n\nplt"),
        (
            "def f():\n    import os\n    plt|",
            "plt",
            "import matplotlib.pyplot as plt\n\ndef f():\n    import os\n    plt",
        ),
        ("import os\r\nplt|\r\n", "plt", "import os\r\nimport matplotlib.pyplot as plt\r\nplt\r\n"),
        ("import os\ntry:\n    import x\nexcept E:\n    pass\nnn|", "nn", None),
        ("plt|", "plt", "import matplotlib.pyplot as plt\n\nplt"),
    ],
)
def test_where_the_import_goes(cell: str, label: str, result: str | None) -> None:
    entry = next(entry for entry in entries(cell, program="") if entry.label == label)
    text = apply_edits(cell.replace("|", "", 1), entry.edits)
    assert text == (result or "import os\nfrom torch import nn\ntry:\n    import x\nexcept E:\n    pass\nnn")


def test_in_a_notebook_the_import_stays_in_the_cell_and_below_magics() -> None:
    found = at_caret("import numpy as np\n", "%matplotlib inline\nplt|", path="a.ipynb")
    assert found is not None
    [entry] = [entry for entry in complete(found).entries if entry.label == "plt"]
    assert apply_edits("%matplotlib inline\nplt", entry.edits) == (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n\nplt"
    )


@pytest.mark.parametrize(
    ("line", "first", "absent"),
    [
        ("from sklearn.model_selection import |", ["train_test_split", "GridSearchCV"], ["_split"]),
        ("from sklearn.model_selection import KFold, |", ["train_test_split"], ["KFold"]),
        ("from sklearn.model_selection import (\n    |", ["train_test_split"], []),
        ("from sklearn.|", ["model_selection"], ["_loss", "clone"]),
        ("import sklearn.|", ["model_selection"], []),
        ("import sk|", [], ["RandomForestClassifier"]),
        ("from nothing.known import |", [], ["train_test_split"]),
    ],
)
def test_what_can_be_imported(line: str, first: list[str], absent: list[str]) -> None:
    found = labels(line)
    assert found[: len(first)] == first
    assert not set(absent) & set(found)


def test_cells_above_are_known_and_those_below_are_not() -> None:
    above = ("import pandas as pd\n", "df = pd.DataFrame({'a': [1]})\n")
    found = at_caret(*above, 'df["|"]', "df['b'] = 1\n", path="a.ipynb")
    assert found is not None
    assert [entry.label for entry in complete(found).entries] == ["a"]


def test_the_last_analysis_will_do_while_the_text_is_being_typed() -> None:
    before = (PROGRAM + "x = 1\nprint(df)\n",)
    for line in ('df["|"]', 'df["|', 'y = 2\ndf["|"]'):
        found = at_caret(PROGRAM + f"x = 1\n{line}\nprint(df)\n", before=before)
        assert found is not None
        assert [entry.label for entry in complete(found).entries] == NAMES


def test_a_new_cell_knows_what_is_above_it_before_it_was_analysed() -> None:
    cells = ("import pandas as pd\n", "df = pd.DataFrame({'a': [1]})\n", "df['b'] = 1\n")
    for new in (1, 2, 3):
        now = [*cells[:new], 'df["|"]', *cells[new:]]
        found = at_caret(*now, before=cells, path="a.ipynb")
        assert found is not None
        assert [entry.label for entry in complete(found).entries] == [[], ["a"], ["a", "b"]][new - 1]


@pytest.mark.parametrize("trigger", ["(", ",", "["])
def test_brackets_and_commas_bring_no_list_unasked(trigger: str) -> None:
    assert labels(f"SVC({'C=1' if trigger == ',' else ''}|)", trigger=trigger) == []


def test_an_equals_sign_brings_values_of_arguments_and_nothing_else() -> None:
    assert labels("SVC(kernel=|)", trigger="=") == labels("SVC(kernel=|)")
    assert labels("x =|", trigger="=") == []


def test_magics_and_texts_are_left_alone() -> None:
    found = at_caret(PROGRAM, "!pip install RandomF|", path="a.ipynb")
    assert found is None or complete(found).entries == ()


@pytest.mark.parametrize(
    ("line", "name", "active", "said"),
    [
        ("LogisticRegression(|)", "LogisticRegression(", "penalty='deprecated'", "Deprecated"),
        ("LogisticRegression(C=|)", "LogisticRegression(", "C=1.0", "number > 0"),
        ('LogisticRegression(C=1, solver="|")', "LogisticRegression(", "solver='lbfgs'", "`'saga'`"),
        ("LogisticRegression(C=1, max_iter|)", "LogisticRegression(", "max_iter=100", "Default `100`"),
        ("LogisticRegression(C=1, |)", "LogisticRegression(", None, ""),
        ("train_test_split(df, |)", "train_test_split(", "*arrays", ""),
        ("train_test_split(df, test_size=|)", "train_test_split(", "test_size=None", "a share"),
        ("df.merge(raw, |)", "merge(right, ", "how='inner'", "'inner'"),
        ("np.concatenate([|])", "concatenate(", "arrays", ""),
    ],
)
def test_signatures(line: str, name: str, active: str | None, said: str) -> None:
    found = at_caret(PROGRAM + line)
    assert found is not None
    answer = signatures(found)
    assert answer is not None
    [signature] = answer.signatures
    assert signature.label.startswith(name)
    assert all(parameter.label in signature.label for parameter in signature.parameters)
    if active is None:
        assert signature.active is None
    else:
        assert signature.active is not None
        parameter = signature.parameters[signature.active]
        assert parameter.label == active
        assert said in parameter.documentation


def test_a_signature_is_that_of_the_version_in_force() -> None:
    found = at_caret(PROGRAM + "LogisticRegression(|)", force=versions(scikit_learn="1.5.0"))
    assert found is not None
    answer = signatures(found)
    assert answer is not None
    assert answer.signatures[0].label.startswith("LogisticRegression(penalty='l2', *, dual=False")
    assert "scikit-learn 1.5" in answer.signatures[0].documentation


@pytest.mark.parametrize("line", ["unknown(|)", "print(|)", "|", "(|)", "model.nothing(|)"])
def test_no_signature_of_what_the_base_does_not_know(line: str) -> None:
    found = at_caret(PROGRAM + line)
    assert found is not None
    assert signatures(found) is None


PIECES = st.sampled_from(
    [
        *(*"()[]{},.=:'\"\n", "df", "model", "pipe", "SVC(", "kernel=", "GridSearchCV(pipe, {", "df[", "scoring="),
        *(
            "ColumnTransformer([(",
            "LogisticRegression(",
            "set_params(",
            "C=1",
            "*x",
            "**y",
            "from sklearn.",
            " import ",
        ),
        *("df.merge(", "on=", ".groupby(", "cross_val_score(", "\n    ", "def f():", "pd.", '"clf__', "Sta", " "),
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=4).map("".join))
def test_no_text_is_too_broken(above: str, below: str) -> None:
    found = at_caret(PROGRAM + above.replace("|", "") + "|" + below, before=(PROGRAM,))
    if found is None:
        return
    for entry in complete(found).entries:
        assert entry.label
        if entry.span is not None:
            assert entry.span.start <= found.context.offset <= entry.span.end
    signatures(found)


TUNED = 'pipe = Pipeline([("scale", StandardScaler()), ("clf", SVC())])\n'


@pytest.mark.parametrize(
    ("text", "first", "absent"),
    [
        (TUNED + 'grid = {"|"}\nGridSearchCV(pipe, grid, cv=3)', "clf__kernel", "alpha"),
        (TUNED + 'tried = [{"clf__C": [1]}, {"clf__|"}]\nGridSearchCV(pipe, param_grid=tried)', "clf__kernel", "C"),
        (TUNED + 'param_grid = {"clf__C": [1], "|"}', "clf__kernel", "clf__C"),
        (TUNED + "grid = dict(clf__C=[1], |)\nGridSearchCV(pipe, grid)", "clf__kernel=", "clf__C="),
        (TUNED + 'grid = {"clf__gamma": ["|"]}', "auto", "rbf"),
        (TUNED + 'pipe.set_params(**{"|"})', "clf__kernel", "C"),
        (TUNED + "pipe.set_params(**dict(|))", "clf__kernel=", "C="),
        ('params = {"|"}\nmodel = SVC(**params)', "kernel", "clf__C"),
        ('params = dict(C=1, |)\nmodel = SVC(probability=True, **params)', "kernel=", "C="),
        ('params = {"kernel": "|"}\nmodel = SVC(**params)', "linear", "auto"),
        ('from sklearn.model_selection import validation_curve\nvalidation_curve(SVC(), [], [], param_name="|")', "C",
         "clf__C"),
        ('GridSearchCV(SVC(), {"C": [1]}, scoring=["accuracy", "f1"], refit="|")', "accuracy", "recall"),
        ('from keras.callbacks import EarlyStopping\nEarlyStopping(monitor="|")', "val_loss", "mae"),
        ('import keras\nkeras.Sequential([]).compile("adam", "mse", metrics=["|"])', "accuracy", "adam"),
        ('found = GridSearchCV(SVC(), {"C": [1]}).fit(df, [0])\nfound.best_params_["|"]', "C", "gamma"),
        ('found = GridSearchCV(SVC(), {"C": [1]}).fit(df, [0])\nfound.cv_results_["|"]', "params", "mean_train_score"),
        ('found = GridSearchCV(SVC(), [{"C": [1]}], scoring=["f1"], refit="f1", return_train_score=True)\n'
         'found.cv_results_["|"]', "params", "mean_test_score"),
        ("import sklearn.linear_model as models\nmodels.|", "LogisticRegression", "SVC"),
        ("np.|", "apply_along_axis", "DataFrame"),
        ("np.random.|", "RandomState", "array"),
        ("import torch.nn as nn\nnn.|", "functional", "Adam"),
    ],
)  # fmt: skip
def test_of_dicts_that_get_a_name_and_of_modules(text: str, first: str, absent: str) -> None:
    found = labels(text)
    assert found[:1] == [first]
    assert absent not in found


@pytest.mark.parametrize(
    "text",
    [
        'settings = {"|"}',
        'settings = {"|"}\nprint(settings)',
        'grid = {"C": {"|": 1}}\nGridSearchCV(SVC(), grid)',
        'names = ["|"]\nGridSearchCV(SVC(), names)',
        'params = {"|"}\nunknown(**params)',
    ],
)
def test_of_other_dicts_nothing_is_said(text: str) -> None:
    assert [label for label in labels(text) if label in ("C", "kernel", "clf__C")] == []


def test_a_grid_is_known_by_the_search_in_a_later_cell() -> None:
    found = at_caret(PROGRAM, 'grid = {"|"}', "search = GridSearchCV(model, grid)", path="a.ipynb")
    assert found is not None
    assert complete(found).entries[0].label == "C"


def test_a_class_that_hands_keywords_on_takes_those_of_its_bases() -> None:
    found = labels("XGBClassifier(n_|", program="from xgboost import XGBClassifier\n")
    assert "n_estimators=" in found
    assert found.index("n_estimators=") < found.index("max_delta_step=")
    assert "objective=" in labels("XGBClassifier(|)", program="from xgboost import XGBClassifier\n")
