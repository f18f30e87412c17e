"""What a fix makes of a program: the program its author meant, and where that is not certain, no fix."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser
from mlsense.syntax import notebook_of_cells, script
from mlsense.text import apply_edits
from rules.running import printed

if TYPE_CHECKING:
    from pathlib import Path

    from mlsense.rules.finding import Fix

WINE = """\
from sklearn.datasets import load_wine
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

X, y = load_wine(return_X_y=True, as_frame=True)
"""
SPLIT = "Z_train, Z_test, y_train, y_test = train_test_split(Z, y, random_state=0)"
SPLIT_X = SPLIT.replace("(Z, y", "(X, y")
SCORE = """\
model = KNeighborsClassifier(5, weights="distance").fit(Z_train, y_train)
print(model.score(Z_test, y_test), model.predict_proba(Z_test).round(6).tolist())
"""


def program(*lines: str, score: str = SCORE) -> str:
    return WINE + "\n".join(textwrap.dedent(line) for line in lines) + "\n" + score


def fixes(text: str, rule: str) -> list[Fix]:
    found = Analyser().analyse(script("a.py", text)).findings
    return [finding.fix for finding in found if finding.rule == rule and finding.fix is not None]


def applied(text: str, fix: Fix) -> str:
    return apply_edits(text, [edit.edit for edit in fix.edits])


MEAN = """\
def mean(values):
    total = 0
    for value in values:
        total += value

    return total / len(values)


print(mean([1, 2, 6]))
"""
MEANT = {
    "a transformer that had no name": (
        "fit-before-split",
        program("Z = QuantileTransformer(n_quantiles=50).fit_transform(X)", SPLIT),
        program(
            SPLIT_X,
            "scaler = QuantileTransformer(n_quantiles=50).fit(Z_train)",
            "Z_train, Z_test = scaler.transform(Z_train), scaler.transform(Z_test)",
        ),
    ),
    "under the same name": (
        "fit-before-split",
        program("scaler = QuantileTransformer(n_quantiles=50)", "X = scaler.fit_transform(X)", SPLIT_X),
        program(
            SPLIT_X,
            "scaler = QuantileTransformer(n_quantiles=50).fit(Z_train)",
            "Z_train, Z_test = scaler.transform(Z_train), scaler.transform(Z_test)",
        ),
    ),
    "fit and transform apart": (
        "fit-before-split",
        program("scaler = StandardScaler()", "scaler.fit(X)", "Z = scaler.transform(X)", SPLIT),
        program(
            SPLIT_X,
            "scaler = StandardScaler().fit(Z_train)",
            "Z_train, Z_test = scaler.transform(Z_train), scaler.transform(Z_test)",
        ),
    ),
    "with the targets": (
        "feature-selection-before-split",
        program("best = SelectKBest(k=4)", "Z = best.fit_transform(X, y)", SPLIT),
        program(
            SPLIT_X,
            "best = SelectKBest(k=4).fit(Z_train, y_train)",
            "Z_train, Z_test = best.transform(Z_train), best.transform(Z_test)",
        ),
    ),
    "written out by hand": (
        "fit-before-split",
        program("Z = (X - X.mean()) / X.std()", SPLIT),
        program(
            SPLIT_X,
            "mean, spread = Z_train.mean(), Z_train.std()",
            "Z_train, Z_test = (Z_train - mean) / spread, (Z_test - mean) / spread",
        ),
    ),
    "gaps filled": (
        "impute-before-split",
        program("X = X.mask(X > 1000)", "X = X.fillna(X.median())", SPLIT_X),
        program(
            "X = X.mask(X > 1000)",
            SPLIT_X,
            "middle = Z_train.median()",
            "Z_train, Z_test = Z_train.fillna(middle), Z_test.fillna(middle)",
        ),
    ),
    "fitted anew on the test rows": (
        "fit-on-test",
        program(
            SPLIT_X,
            "scaler = StandardScaler()",
            "Z_train = scaler.fit_transform(Z_train)",
            "Z_test = scaler.fit_transform(Z_test)",
        ),
        program(
            SPLIT_X,
            "scaler = StandardScaler()",
            "Z_train = scaler.fit_transform(Z_train)",
            "Z_test = scaler.transform(Z_test)",
        ),
    ),
    "a return one level too deep": ("return-in-loop", MEAN.replace("    return", "        return"), MEAN),
    "a block without indentation": ("mixed-indentation", MEAN.replace("        total += v", "    total += v"), MEAN),
    "columns of very different size": (
        "unscaled-distance-model",
        program(SPLIT_X),
        program(
            SPLIT_X,
            score=SCORE.replace("KNe", "make_pipeline(StandardScaler(), KNe").replace('ance")', 'ance"))'),
        ),
    ),
}


@pytest.mark.parametrize("case", MEANT)
def test_the_repaired_program_prints_what_was_meant(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, wrong, right = MEANT[case]
    (fix,) = fixes(wrong, rule)
    assert fixes(right, rule) == []
    meant = printed(right, tmp_path, monkeypatch)
    if rule != "mixed-indentation":
        assert printed(wrong, tmp_path, monkeypatch) != meant
    assert printed(applied(wrong, fix), tmp_path, monkeypatch) == meant


def test_fixes_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each makes room for the next, and the steps keep their order."""
    text = program(
        "X = X.mask(X > 1000)",
        "imputer, scaler = SimpleImputer(), StandardScaler()",
        "X = imputer.fit_transform(X)",
        "X = scaler.fit_transform(X)",
        SPLIT_X,
    )
    right = program(
        "X = X.mask(X > 1000)",
        SPLIT_X,
        "both = make_pipeline(SimpleImputer(), StandardScaler()).fit(Z_train)",
        "Z_train, Z_test = both.transform(Z_train), both.transform(Z_test)",
    )
    for _ in range(2):
        text = applied(text, fixes(text, "fit-before-split")[0])
    assert fixes(text, "fit-before-split") == []
    assert printed(text, tmp_path, monkeypatch) == printed(right, tmp_path, monkeypatch)


TRAINING = """\
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(5)]
made = []
optimizer.register_step_post_hook(lambda *_: made.append(model.weight.grad.abs().sum().item()))
for epoch in range(2):
{body}
print(len(made), [round(size, 6) for size in made])
"""
RIGHT_LOOP = """\
    for inputs, labels in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()
"""
SLIPPED = {
    "step-outside-batch-loop": RIGHT_LOOP.replace("        optimizer.step()", "    optimizer.step()"),
    "zero-grad-outside-batch-loop": "    optimizer.zero_grad()\n"
    + RIGHT_LOOP.replace("        optimizer.zero_grad()\n", ""),
}


@pytest.mark.torch
@pytest.mark.parametrize("rule", SLIPPED)
def test_a_repaired_training_loop_makes_the_steps_that_were_meant(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many steps as batches, each with the gradients of its batch."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    wrong, right = (TRAINING.format(body=body.rstrip("\n")) for body in (SLIPPED[rule], RIGHT_LOOP))
    (fix,) = fixes(wrong, rule)
    meant = printed(right, tmp_path, monkeypatch)
    assert meant.startswith("10 ")
    assert printed(wrong, tmp_path, monkeypatch) != meant
    assert printed(applied(wrong, fix), tmp_path, monkeypatch) == meant


def test_a_fix_reaches_across_cells() -> None:
    cells = [
        WINE,
        "scaler = StandardScaler()\nZ = scaler.fit_transform(X)  # to one scale\n",
        f"# And now\n{SPLIT}\n",
        SCORE,
    ]
    document = notebook_of_cells("a.ipynb", [("code", text, None) for text in cells])
    (finding,) = Analyser().analyse(document).findings
    assert finding.location.cell == 1
    assert finding.fix is not None
    for number in {edit.cell for edit in finding.fix.edits}:
        edits = [edit.edit for edit in finding.fix.edits if edit.cell == number]
        cells[number] = apply_edits(cells[number], edits)
    assert cells == [
        WINE,
        "scaler = StandardScaler()\n",
        f"# And now\n{SPLIT_X}\nZ_train = scaler.fit_transform(Z_train)\nZ_test = scaler.transform(Z_test)\n",
        SCORE,
    ]


NOT_CERTAIN = {
    "what it made is shown in between": ("Z = StandardScaler().fit_transform(X)", "print(Z.mean())", SPLIT),
    "what it made is used afterwards": ("Z = StandardScaler().fit_transform(X)", SPLIT, "print(Z.shape)"),
    "what it made has another name": ("Z = StandardScaler().fit_transform(X)", "W = Z", SPLIT),
    "what it made is changed in between": ("Z = StandardScaler().fit_transform(X)", "Z += 1", SPLIT),
    "a function shows what it made": (
        "def show():\n    print(Z.shape)\n",
        "Z = StandardScaler().fit_transform(X)",
        "show()",
        SPLIT,
    ),
    "the columns are others by then": ("Z = StandardScaler().fit_transform(X)", 'X = X[["alcohol"]]', SPLIT),
    "the table has changed by then": ("Z = StandardScaler().fit_transform(X)", 'X["one"] = 1', SPLIT),
    "the table of a statistic has changed": ("Z = (X - X.mean()) / X.std()", 'X["one"] = 1', SPLIT),
    "the targets have changed by then": ("Z = SelectKBest(k=4).fit_transform(X, y)", "y = y % 2", SPLIT),
    "the transformer is asked in between": (
        "scaler = StandardScaler()",
        "Z = scaler.fit_transform(X)",
        "print(scaler.mean_)",
        SPLIT,
    ),
    "the transformer is used in between": (
        "scaler = StandardScaler()",
        "Z = scaler.fit_transform(X)",
        "some = scaler.transform(X[:3])",
        SPLIT,
    ),
    "the transformer is asked in a function": (
        "scaler = StandardScaler()",
        "Z = scaler.fit_transform(X)",
        "def show():\n    print(scaler.mean_)\n",
        "show()",
        SPLIT,
    ),
    "the transformer's name is something else by then": (
        "scaler = StandardScaler()",
        "Z = scaler.fit_transform(X)",
        "scaler = None",
        SPLIT,
    ),
    "between fit and transform the table has changed": (
        "scaler = StandardScaler()",
        "scaler.fit(X)",
        "X = X * 2",
        "Z = scaler.transform(X)",
        SPLIT,
    ),
    "only under a condition": ("Z = X", "if len(X) > 9:\n    Z = StandardScaler().fit_transform(X)", SPLIT),
    "the split is in a function": (
        "Z = StandardScaler().fit_transform(X)",
        "def parts():\n    return train_test_split(Z, y, random_state=0)\n",
        "Z_train, Z_test, y_train, y_test = parts()",
    ),
    "the split is in a loop": (
        "Z = StandardScaler().fit_transform(X)",
        f"for seed in range(3):\n    {SPLIT}",
    ),
    "the split looks at the values": (
        "Z = StandardScaler().fit_transform(X)",
        SPLIT.replace("random_state=0", "stratify=Z[:, 0] > 0"),
    ),
    "other code on the line": ("Z = StandardScaler().fit_transform(X); print(1)", SPLIT),
    "the parts have no names": ("Z = StandardScaler().fit_transform(X)", "parts = train_test_split(Z, y)"),
}


@pytest.mark.parametrize("case", NOT_CERTAIN)
def test_where_moving_could_change_more_there_is_no_fix(case: str) -> None:
    text = program(*NOT_CERTAIN[case])
    rules = ("fit-before-split", "feature-selection-before-split")
    found = [each for each in Analyser().analyse(script("a.py", text)).findings if each.rule in rules]
    assert found, "the leak itself must be seen"
    assert [each.fix for each in found] == [None] * len(found)
