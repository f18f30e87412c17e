"""statsmodels: models that are given their rows when they are made, and give their results when they are fitted."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import text_of
from mlsense.semantics.events import Evaluate
from mlsense.semantics.models import estimators, frames
from mlsense.semantics.values import NONE, UNKNOWN, Data, Estimator, Opaque, Role, Value

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.models.effects import Call

ROOT = "statsmodels"
_OF_CLASSES = frozenset("Logit Probit MNLogit ConditionalLogit OrderedModel".split())
_ON_TABLES = """
    OLS WLS GLS GLSAR Logit Probit MNLogit Poisson NegativeBinomial NegativeBinomialP GeneralizedPoisson GLM RLM
    QuantReg MixedLM GEE ZeroInflatedPoisson OrderedModel
    """.split()
_BY_FORMULA = """
    ols wls gls glsar logit probit mnlogit poisson negativebinomial glm rlm quantreg mixedlm gee
    """.split()
_ON_SERIES = """
    ARIMA SARIMAX AutoReg ExponentialSmoothing SimpleExpSmoothing Holt VAR VARMAX UnobservedComponents ETSModel
    ThetaModel MarkovRegression MarkovAutoregression
    """.split()
_FITS = frozenset(("fit", "fit_regularized", "fit_constrained"))
_FORECASTS = frozenset(("forecast", "get_forecast", "predict", "get_prediction", "simulate"))


# --- making ------------------------------------------------------------------------------------------


def _model(run: Run, call: Call, x: Value | None, y: Value | None) -> Value:
    kinds = ("classifier",) if call.name in _OF_CLASSES or call.name in ("logit", "probit") else ("regressor",)
    given = (("exog", x or UNKNOWN), ("endog", y or UNKNOWN))
    made = Estimator(f"{ROOT}.{call.name}", kinds, given, certain=call.exact, made=run.origin(call.node))
    return run.alloc(call.node, made)


def on_table(run: Run, call: Call) -> Value:
    """`OLS(y, X)`: the target comes first."""
    return _model(run, call, call.get(1, "exog"), call.get(0, "endog"))


def on_series(run: Run, call: Call) -> Value:
    """`ARIMA(series, order=...)`: what comes next is predicted from what came before."""
    return _model(run, call, call.get(0, "endog"), NONE)


# A name of a column in a formula: no function, no argument's name, no text.
_NAME = re.compile(r"(?<![\w.'\"])([A-Za-z_]\w*)(?!\w*\s*[(=.])(?![\w'\"])")


def by_formula(run: Run, call: Call) -> Value:
    """`ols("price ~ area + C(zone)", data)`: the columns that the formula names."""
    table = run.data(call.get(1, "data"))
    formula = text_of(call.get(0, "formula"))
    if table is None:
        return _model(run, call, None, None)
    left, tilde, right = (formula or "").partition("~")
    plain = tilde and not re.search(r"['\"{]", formula or "")
    targets, names = (_NAME.findall(side) if plain else [] for side in (left, right))
    if not names or len(targets) != 1:
        some = replace(table, columns=None, lineage=None, mask=None)
        return _model(run, call, run.alloc(call.node, some, "exog"), None)
    x = frames.column(table, tuple(dict.fromkeys(names)), table.kind)
    y = frames.column(table, (targets[0],), "series")
    if left.strip() != targets[0]:
        # A function of the target is predicted.
        y = replace(y, lineage=None)
    return _model(run, call, run.alloc(call.node, x, "exog"), run.alloc(call.node, y, "endog"))


def add_constant(run: Run, call: Call) -> Value:
    """A column of ones beside the others."""
    data = run.data(call.get(0, "data"))
    if data is None:
        return run.alloc(call.node, Data())
    kind = "array" if data.kind == "series" else data.kind
    return run.alloc(call.node, replace(data, kind=kind, columns=None, rank=2, mask=None, sources=()))


# --- using -------------------------------------------------------------------------------------------


def method(run: Run, receiver: Value, estimator: Estimator, name: str, call: Call) -> Value:
    """Methods of models, and of the results that a fit gives."""
    if name in _FITS:
        return _fitted(run, estimator, call)
    if name in _FORECASTS and estimator.fitted is not None:
        return _predicted(run, estimator, name, call)
    if name in ("append", "extend", "apply") and estimator.fitted is not None:
        # The results of the same parameters on other rows.
        return run.alloc(call.node, replace(estimator, fitted=None, certain=False))
    return UNKNOWN


def _fitted(run: Run, model: Estimator, call: Call) -> Value:
    x, y = model.param("exog"), model.param("endog")
    results = run.alloc(call.node, model, "results")
    given = [value for value in (x, y) if value is not None and value != NONE]
    handed = replace(call, args=given, keywords={}, nodes={})
    estimators.fit(run, results, model, "fit", handed)
    return results


def _predicted(run: Run, results: Estimator, name: str, call: Call) -> Value:
    """Predictions for rows handed over, for those of the fit, or for those that come after them."""
    record = results.fitted
    assert record is not None
    on_rows = estimators.short(results.cls) in (*_ON_TABLES, *_BY_FORMULA)
    given = call.get(0, "exog") if on_rows else None
    x = run.data(given)
    if x is not None:
        run.emit(Evaluate(*run.circumstances(call.node), name, record, x, run.place(call.node), False))
    whole = on_rows and given is None and not call.keywords
    rows = x.rows if x is not None else record.rows if whole else None
    learned = x.learned if x is not None else ()
    role: Role = "probability" if "classifier" in results.kinds else "prediction"
    predicted = Data(kind="unknown", rows=rows, role=role, fits=(record,), learned=learned)
    if name.startswith("get_"):
        held = run.alloc(call.node, Opaque(f"{ROOT}.{name}", name), "prediction")
        run.state.set((held, "predicted_mean"), run.alloc(call.node, predicted))
        return held
    return run.alloc(call.node, predicted)


def attribute(run: Run, results: Estimator, name: str, node: object) -> Data | None:
    """`fittedvalues` and `resid`, of each row of the fit; None for other attributes."""
    record = results.fitted
    if record is None or name not in ("fittedvalues", "resid"):
        return None
    role: Role = "prediction" if name == "fittedvalues" else "unknown"
    return Data(rows=record.rows, role=role, fits=(record,) if name == "fittedvalues" else (), learned=record.learned)


def foretold(predicted: Data, truth: Data | None) -> Data:
    """A forecast beside what came true: of those rows it is. Other predictions as they are."""
    forecast = predicted.rows is None and any(
        record.cls.startswith(f"{ROOT}.") and estimators.short(record.cls) in _ON_SERIES for record in predicted.fits
    )
    return replace(predicted, rows=truth.rows) if forecast and truth is not None else predicted


FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys(_ON_TABLES, on_table),
    **dict.fromkeys(_BY_FORMULA, by_formula),
    **{f"{name}.from_formula": by_formula for name in _ON_TABLES},
    **dict.fromkeys(_ON_SERIES, on_series),
    "add_constant": add_constant,
}

__all__ = ["FUNCTIONS", "ROOT", "attribute", "foretold", "method"]
