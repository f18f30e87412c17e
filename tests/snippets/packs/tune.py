"""How the snippets that tune and track are tried out."""

from __future__ import annotations

from snippets.running import Case

CANCER = """\
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
"""
SEARCH = f"""{CANCER}
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

search = GridSearchCV(DecisionTreeClassifier(random_state=1), {{"max_depth": [1, 3], "min_samples_leaf": [1, 9]}})
search.fit(X_train, y_train)
"""
STUDY = """\
import optuna
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)


def accuracy(trial):
    neighbors, power = trial.suggest_int("neighbors", 1, 100), trial.suggest_float("power", 1, 2)
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(neighbors, p=power))
    return cross_val_score(model, X, y).mean()


study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1))
study.optimize(accuracy, n_trials=20)
"""
RUNS = f"""{CANCER}
import mlflow
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("churn")
for strength in (1e-6, 1.0):
    with mlflow.start_run():
        fitted = make_pipeline(StandardScaler(), LogisticRegression(C=strength))
        fitted.fit(X_train, y_train)
        mlflow.log_param("C", strength)
        mlflow.log_metric("test_accuracy", fitted.score(X_test, y_test))
        mlflow.sklearn.log_model(fitted, name="model")
"""
GOOD = "assert model.score(X_test, y_test) > 0.93, model.score(X_test, y_test)\n"
# What MLflow would look up of the project that the program lies in.
ALONE = {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true"}


def tracked(before: str, after: str, **more: str) -> Case:
    return Case(before, after, variables=ALONE, seconds=300, **more)


CASES = {
    "ml-tune-grid": Case(
        CANCER, GOOD + "assert len(search.cv_results_['params']) == 12", prints="on the test rows: 0.9"
    ),
    "ml-tune-grid-steps": Case(CANCER, GOOD + "assert len(search.cv_results_['params']) == 8", seconds=300),
    "ml-tune-random": Case(CANCER, GOOD, prints="neg_log_loss on the test rows: -0.", seconds=300),
    "ml-tune-halving": Case(CANCER, GOOD + "assert search.n_candidates_[0] == 27", prints="rows in each round: "),
    "ml-tune-results": Case(
        SEARCH,
        "assert len(table) == 4\nassert list(table.columns[:2]) == ['max_depth', 'min_samples_leaf']\n"
        "assert table['mean_test_score'].is_monotonic_decreasing",
        prints="std_test_score",
    ),
    "ml-tune-optuna": Case(CANCER, GOOD + "assert len(study.trials) == 20", prints="in the folds: 0.9", seconds=300),
    "ml-tune-optuna-pruning": Case(
        CANCER,
        "from pathlib import Path\n"
        "assert Path('studies.db').exists() and len(study.trials) == 20 and pruned\nassert study.best_value > 0.95",
        prints="given up early: ",
    ),
    "ml-tune-optuna-importance": Case(STUDY, "assert list(importances)[0] == 'neighbors'", prints="neighbors: "),
    "ml-track-mlflow": tracked(
        CANCER,
        "kept = mlflow.get_run(run.info.run_id).data\n"
        "assert kept.params['C'] == '1.0' and kept.metrics['test_accuracy'] > 0.9\n"
        "loaded = mlflow.sklearn.load_model(f'runs:/{run.info.run_id}/model')\n"
        "assert (loaded.predict(X_test) == model.predict(X_test)).all()",
        prints="run: ",
    ),
    "ml-track-mlflow-auto": tracked(
        CANCER,
        "runs = mlflow.search_runs()\nassert len(runs) == 4\nassert runs['metrics.test_accuracy'].max() > 0.9",
    ),
    "ml-track-mlflow-compare": tracked(RUNS, "assert model[-1].C == 1.0\nassert len(runs) == 2", prints="params.C"),
    "ml-track-optuna": tracked(
        CANCER, "runs = mlflow.search_runs()\nassert len(runs) == 11\nassert runs['metrics.accuracy'].max() > 0.95"
    ),
}
