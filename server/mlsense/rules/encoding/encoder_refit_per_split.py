"""An encoder numbers the values of the test rows anew: the same number then means another value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.leakage.fit_on_test import Kind, refitted, twins
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

NUMBERING = Kind(
    frozenset(["encoder", "label-encoder"]),
    "as soon as one of them has a value that the other lacks, the same number stands for another value in the test "
    "rows than it did in training",
    "unsafe",
)


def check(trace: Trace) -> Iterator[Draft]:
    yield from refitted(trace, NUMBERING)
    yield from twins(trace, NUMBERING)


RULE = Rule(
    name="encoder-refit-per-split",
    family="encoding",
    severity=Severity.WARNING,
    summary="Training and test rows are numbered by an encoder that learned from each of them separately.",
    finds="""
        `LabelEncoder`, `OrdinalEncoder`, `OneHotEncoder` and their kind, fitted on the training rows and again on the
        test rows, or two of them, one for each part. It follows them through functions, loops over columns, and files
        of their own for training and test.
        """,
    matters="""
        An encoder gives numbers in the order of the values it saw. If the training rows know Berlin, Paris and Rome and
        the test rows only Paris and Rome, Paris is 1 for the model and 0 in the test: it is taken for Berlin, without
        any error. With one-hot columns their number changes, or, worse, only their meaning.
        """,
    silent="""
        `transform` on the test rows; an encoder for each column; one object fitted on different columns; parts whose
        relation is not known, unless one model learns from one of them and is used on the other.
        """,
    repair="""
        `fit_transform` becomes `transform`. To be accepted by you: where the test rows hold a value that the training
        rows lack, `LabelEncoder` and `OneHotEncoder` then raise, as they should;
        `OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)` and
        `OneHotEncoder(handle_unknown="ignore")` have an answer.
        """,
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import LabelEncoder
            from sklearn.tree import DecisionTreeClassifier

            people = pd.DataFrame({"town": ["Rome", "Paris", "Berlin", "Rome", "Paris", "Rome"] * 5, "age": range(30)})
            wealthy = [1, 0, 0, 1, 0, 1] * 5
            X_train, X_test, y_train, y_test = train_test_split(people, wealthy, random_state=0)
            encoder = LabelEncoder()
            X_train = X_train.assign(town=encoder.fit_transform(X_train["town"]))
            X_test = X_test.assign(town=encoder.fit_transform(X_test["town"]))  # <- encoder-refit-per-split
            print(DecisionTreeClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OrdinalEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            X_train, X_test, y_train, y_test = train_test_split(cars, [0, 1, 0, 1] * 10, random_state=0)
            train_codes = OrdinalEncoder().fit_transform(X_train)
            test_codes = OrdinalEncoder().fit_transform(X_test)  # <- encoder-refit-per-split
            forest = RandomForestClassifier(random_state=0).fit(train_codes, y_train)
            print(forest.score(test_codes, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            train, test, y_train, y_test = train_test_split(cars, [0, 1, 0, 1] * 10, random_state=0)
            onehot = OneHotEncoder(handle_unknown="ignore")
            model = LogisticRegression().fit(onehot.fit_transform(train), y_train)
            print(model.score(onehot.fit_transform(test), y_test))  # <- encoder-refit-per-split
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import LabelEncoder
            from sklearn.tree import DecisionTreeClassifier


            def numbered(table):
                table = table.copy()
                for name in ["town", "job"]:
                    table[name] = LabelEncoder().fit_transform(table[name])
                return table


            people = pd.DataFrame({"town": ["Rome", "Paris", "Berlin"] * 8, "job": ["cook", "nurse"] * 12})
            people["rich"] = [1, 0, 0] * 8
            train, test = train_test_split(people, random_state=0)
            train = numbered(train)
            test = numbered(test)  # <- encoder-refit-per-split
            tree = DecisionTreeClassifier().fit(train[["town", "job"]], train["rich"])
            print(tree.score(test[["town", "job"]], test["rich"]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.preprocessing import LabelEncoder

            train = pd.DataFrame({"port": ["S", "C", "Q", "S", "C", "Q"], "alive": [0, 1, 0, 0, 1, 0]})
            new = pd.DataFrame({"port": ["C", "Q", "Q"]})
            encoder = LabelEncoder()
            train["port"] = encoder.fit_transform(train["port"])
            new["port"] = encoder.fit_transform(new["port"])  # <- encoder-refit-per-split
            forest = RandomForestClassifier(random_state=0).fit(train[["port"]], train["alive"])
            print(forest.predict(new[["port"]]))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OrdinalEncoder
            from sklearn.tree import DecisionTreeClassifier

            people = pd.DataFrame({"town": ["Rome", "Paris", "Berlin", "Rome", "Paris", "Rome"] * 5, "age": range(30)})
            wealthy = [1, 0, 0, 1, 0, 1] * 5
            X_train, X_test, y_train, y_test = train_test_split(people, wealthy, random_state=0)
            encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
            X_train = X_train.assign(town=encoder.fit_transform(X_train[["town"]])[:, 0])
            X_test = X_test.assign(town=encoder.transform(X_test[["town"]])[:, 0])
            print(DecisionTreeClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import LabelEncoder
            from sklearn.tree import DecisionTreeClassifier

            people = pd.DataFrame({"town": ["Rome", "Paris", "Berlin"] * 8, "job": ["cook", "nurse"] * 12})
            X_train, X_test, y_train, y_test = train_test_split(people, [1, 0, 0] * 8, random_state=0)
            X_train, X_test = X_train.copy(), X_test.copy()
            encoders = {}
            for name in ["town", "job"]:
                encoders[name] = LabelEncoder().fit(X_train[name])
                X_train[name] = encoders[name].transform(X_train[name])
                X_test[name] = encoders[name].transform(X_test[name])
            print(DecisionTreeClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import LabelEncoder
            from sklearn.tree import DecisionTreeClassifier

            people = pd.DataFrame({"town": ["Rome", "Paris", "Berlin"] * 8, "job": ["cook", "nurse"] * 12})
            encoder = LabelEncoder()
            for name in ["town", "job"]:
                people[name] = encoder.fit_transform(people[name])
            X_train, X_test, y_train, y_test = train_test_split(people, [1, 0, 0] * 8, random_state=0)
            print(DecisionTreeClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import LabelEncoder
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            encoder = LabelEncoder().fit(y_train)
            tree = DecisionTreeClassifier().fit(X_train, encoder.transform(y_train))
            print(tree.score(X_test, encoder.transform(y_test)))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OrdinalEncoder

            people = pd.DataFrame({"town": ["Rome", "Paris", "Berlin"] * 8, "job": ["cook", "nurse"] * 12})
            train, test = train_test_split(people, random_state=0)
            encoder = OrdinalEncoder()
            print(encoder.fit_transform(train[["town"]])[:2])
            print(encoder.fit_transform(test[["job"]])[:2])
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import KFold
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            fast = pd.Series([0, 1, 0, 1] * 10)
            onehot = OneHotEncoder(handle_unknown="ignore")
            for train, test in KFold(4, shuffle=True, random_state=0).split(cars):
                model = LogisticRegression().fit(onehot.fit_transform(cars.iloc[train]), fast.iloc[train])
                print(model.score(onehot.transform(cars.iloc[test]), fast.iloc[test]))
            """
        ),
    ),
    check=check,
)
