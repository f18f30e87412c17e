"""Rows stand beside changed copies of themselves before the split, which parts the twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import leaks
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from leaks.drafts(trace, "augment-before-split")


RULE = Rule(
    name="augment-before-split",
    family="leakage",
    severity=Severity.WARNING,
    summary="Rows stand beside copies of themselves before the split, so that twins of test rows train the model.",
    finds="""
        Tables or arrays that are laid one below the other though they are of the same rows, changed or not (shifted or
        mirrored images, added noise, repeated rows of a rare class), and are then split or cross-validated.
        """,
    matters="""
        The mirrored image of a test row is among the training rows: the model has seen the answer. The score says how
        well it recognises what it knows.
        """,
    silent="""
        Augmentation of the training part; parts of different rows (training and test files put together, months one
        after the other); parts whose relation is not known; columns that are put beside each other; tables that are not
        split.
        """,
    repair="""
        There is none: which lines make the twins, and what else rests on them, is not certain. The message says what to
        do.
        """,
    bad=(
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier

            images, labels = load_digits(return_X_y=True)
            shifted = np.roll(images, 1, axis=1)
            X = np.concatenate([images, shifted])  # <- augment-before-split
            y = np.concatenate([labels, labels])
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(KNeighborsClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import cross_val_score
            from sklearn.tree import DecisionTreeClassifier

            images, labels = load_digits(return_X_y=True)
            noise = np.random.default_rng(0).normal(size=images.shape)
            X = np.vstack([images, images + noise])  # <- augment-before-split
            y = np.hstack([labels, labels])
            print(cross_val_score(DecisionTreeClassifier(random_state=0), X, y, cv=3).mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            cells = load_breast_cancer(as_frame=True).frame
            rare = cells[cells["target"] == 0]
            cells = pd.concat([cells, rare, rare])  # <- augment-before-split
            X, y = cells.drop(columns="target"), cells["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier


            def augmented(images, labels):
                return np.concatenate([images, images * 0.9]), np.concatenate([labels, labels])


            X, y = load_digits(return_X_y=True)
            X, y = augmented(X, y)  # <- augment-before-split
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(KNeighborsClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier

            images, labels = load_digits(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(images, labels, random_state=0)
            X_train = np.concatenate([X_train, np.roll(X_train, 1, axis=1)])
            y_train = np.concatenate([y_train, y_train])
            print(KNeighborsClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier

            images, labels = load_digits(return_X_y=True)
            X = np.concatenate([images[:900], images[900:]])
            y = np.concatenate([labels[:900], labels[900:]])
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(KNeighborsClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            images, labels = load_digits(return_X_y=True)
            X = np.concatenate([images, images**2], axis=1)
            X_train, X_test, y_train, y_test = train_test_split(X, labels, random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True, as_frame=True)
            X = pd.concat([X, X.add_prefix("log ")], axis=1)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits

            images, labels = load_digits(return_X_y=True)
            twice = np.concatenate([images, images[:, ::-1]])
            print(twice.shape, twice.mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            cells = load_breast_cancer(as_frame=True).frame
            train, test = train_test_split(cells, random_state=0)
            rare = train[train["target"] == 0]
            train = pd.concat([train, rare])
            model = DecisionTreeClassifier(random_state=0).fit(train.drop(columns="target"), train["target"])
            print(model.score(test.drop(columns="target"), test["target"]))
            """
        ),
    ),
    check=check,
    references=(
        "Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 2023",
    ),
)
