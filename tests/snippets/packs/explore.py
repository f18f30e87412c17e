"""How the snippets that look at data are tried out."""

from __future__ import annotations

from dataclasses import replace

from snippets.running import Case

FAIR = """\
import statsmodels.api as sm

df = sm.datasets.fair.load_pandas().data
"""
# Weekly means of carbon dioxide at Mauna Loa; some weeks have none.
CO2 = """\
import statsmodels.api as sm

df = sm.datasets.co2.load_pandas().data
"""
GAPS = """\
import numpy as np
import statsmodels.api as sm

df = sm.datasets.fair.load_pandas().data
df.loc[:500, ["age", "educ"]] = np.nan
df.loc[400:900, "children"] = np.nan
"""
WORDS = """\
from sklearn.datasets import load_wine

df = load_wine(as_frame=True).frame
df["kind"] = df["target"].map({0: "Barolo", 1: "Grignolino", 2: "Barbera"})
df["strong"] = (df["alcohol"] > 13).map({True: "strong", False: "light"})
"""
WINE = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

df = load_wine(as_frame=True).frame
X, y = load_wine(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""
DIABETES = """\
from sklearn.datasets import load_diabetes

X, y = load_diabetes(return_X_y=True, as_frame=True)
"""
LOOK = Case(environment="snippets-data")
DRAWN = "import matplotlib.pyplot as plt\n\nassert plt.get_fignums()\n"

CASES = {
    "ml-explore-summary": replace(
        LOOK, before=GAPS, after='assert summary.loc["age", "missing"] == "7.9%"', prints="affairs"
    ),
    "ml-explore-missing": replace(LOOK, before=GAPS, after=DRAWN + 'assert set(gaps) == {"age", "educ", "children"}'),
    "ml-explore-distributions": replace(LOOK, before=FAIR, after=DRAWN + 'assert "skew" in axes.flat[0].get_title()'),
    "ml-explore-categories": replace(LOOK, before=WORDS, after=DRAWN + "assert axes.shape == (1, 2)"),
    "ml-explore-correlations": replace(
        LOOK, before=FAIR, after='assert pairs.abs().idxmax() == ("yrs_married", "age")', prints="yrs_married"
    ),
    "ml-explore-outliers": replace(LOOK, before=FAIR, after='assert far.sum()["affairs"] > 500', prints="affairs"),
    "ml-explore-target": replace(
        LOOK, before=WINE, after="assert abs(shares.sum() - 1) < 1e-9", prints="always 1: 39.9% right"
    ),
    "ml-explore-target-number": replace(LOOK, before=DIABETES, after=DRAWN),
    "ml-explore-features": replace(LOOK, before=WINE, after='assert ranked.index[0] in ("flavanoids", "proline")'),
    "ml-explore-pairs": replace(LOOK, before=WINE, after=DRAWN),
    "ml-explore-useless": replace(
        LOOK,
        before=FAIR + 'df = df.assign(number=range(len(df)), same="a", again=df["age"])\n',
        after='assert (same, every, copies) == (["same"], ["number"], ["again"])',
    ),
    "ml-explore-drift": replace(LOOK, before=WINE, after="assert 0.3 < told_apart.mean() < 0.7"),
    "ml-explore-series": replace(LOOK, before=CO2, after=DRAWN),
}
