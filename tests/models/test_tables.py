"""Every row of the library models' tables is well formed, and names what the libraries have."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args, get_type_hints

import pytest

from mlsense.knowledge import estimator_facts
from mlsense.knowledge.library import library
from mlsense.semantics.models import estimators, frames, imblearn, numpy, pandas, scipy, sklearn, torch, torch_modules
from mlsense.semantics.models.effects import Effect
from mlsense.semantics.models.estimators import TransformerModel
from mlsense.semantics.values import DataKind, Family, Role, Scale

EFFECTS: dict[str, Effect] = {
    **{f"frames.{name}": row for name, row in frames.METHODS.items()},
    **{f"accessor.{name}": row for name, row in frames.ACCESSOR_ROWS.items()},
    **{f"tensor.{name}": row for name, row in torch.TENSOR.items()},
}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "sklearn": sklearn.FUNCTIONS,
    "numpy": numpy.FUNCTIONS,
    "pandas": pandas.FUNCTIONS,
    "imblearn": imblearn.FUNCTIONS,
    "scipy": scipy.FUNCTIONS,
    "torch": torch.FUNCTIONS,
}
# What makes of its rows something else than rows of them has nothing left to keep.
KEEPING = ("same", "subset")


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_an_effect_is_well_formed(name: str) -> None:
    effect = EFFECTS[name]
    hints = get_type_hints(Effect, {"DataKind": DataKind, "Literal": Literal})
    assert effect.rows in get_args(hints["rows"])
    assert effect.kind == "same" or effect.kind in get_args(DataKind)
    assert not effect.keeps or effect.rows in (*KEEPING, "own", "unknown")
    assert effect.axis is None or effect.axis >= 0
    assert effect.learns == "" or effect.learns.replace("_", "").isalnum()


@pytest.mark.parametrize("library_name", FUNCTIONS)
def test_a_function_has_a_model_that_can_be_called(library_name: str) -> None:
    for name, model in FUNCTIONS[library_name].items():
        assert callable(model), name
        assert all(part.isidentifier() for part in name.split(".")), name


@pytest.mark.parametrize("name", sorted([*estimators.TRANSFORMERS, *estimators.KERAS_LAYERS]))
def test_a_transformer_is_well_formed(name: str) -> None:
    model = estimators.TRANSFORMERS.get(name) or estimators.KERAS_LAYERS[name]
    assert model.family in get_args(Family)
    assert model.scale is None or model.scale in get_args(Scale)
    assert model.kind in get_args(DataKind)
    assert model.rank in (None, 1, 2)
    # What learns nothing cannot have learned of the targets.
    assert not (model.stateless and model.supervised)


@pytest.mark.parametrize("name", sorted(estimators.SETTINGS))
def test_a_setting_changes_what_a_transformer_has(name: str) -> None:
    fields = {each.name for each in dataclasses.fields(TransformerModel)}
    bare = estimators.Estimator(f"sklearn.{name}", ("transformer",))
    assert estimator_facts(name) is not None
    for adjusted in estimators.SETTINGS[name]:
        assert set(adjusted(bare)) <= fields
        assert set(adjusted(dataclasses.replace(bare, certain=False))) <= fields


def test_the_classes_that_are_spoken_of_exist() -> None:
    fitted = {name for classes in estimators.FITTED.values() for name in classes}
    names = {
        *estimators.SETTINGS, *estimators.PARTS, *estimators.COMMITTEES, *estimators.SEARCHES, *estimators.WRAPPERS,
        *estimators.IN_PLACE, *estimators.REPEATED, *estimators.PAIRED, *fitted,
    }  # fmt: skip
    assert {name for name in names if estimator_facts(name) is None} == set()


def test_the_parameters_that_hold_parts_exist() -> None:
    for name, parameter in estimators.PARTS.items():
        facts = estimator_facts(name)
        assert facts is not None
        assert parameter in facts.params


def test_the_attributes_and_methods_that_are_spoken_of_exist() -> None:
    """In some class of the newest release that is known."""
    known = library("sklearn")
    newest = known.at(None) if known is not None else None
    assert newest is not None
    classes = [f"{facts.module}.{facts.name}" for name in _estimators() if (facts := estimator_facts(name))]
    having = [members for cls in classes if (members := newest.members(cls)) is not None]
    assert len(having) > 150
    for name in (
        *estimators.OF_ROWS, *estimators.BETWEEN_ROWS, *estimators.FITTED, *estimators.ROLES, *estimators.STAGED,
        *estimators.NEIGHBOURS, *estimators.GRAPHS,
    ):  # fmt: skip
        assert any(name in members for members in having), name
    assert set(estimators.OF_ROWS.values()) | set(estimators.ROLES.values()) <= set(get_args(Role))


def _estimators() -> list[str]:
    from mlsense.knowledge.sklearn import _base

    return list(_base()["estimators"])


@pytest.mark.parametrize("name", sorted(torch_modules.LAYERS))
def test_a_layer_is_well_formed(name: str) -> None:
    layer = torch_modules.LAYERS[name]
    hints = get_type_hints(torch_modules.Layer, {"Literal": Literal})
    assert layer.rows in get_args(hints["rows"])
    assert layer.gives in get_args(hints["gives"])
    assert layer.units in ("", "same", *layer.parameters.split())
