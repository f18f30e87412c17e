"""What is said of Airflow's names: what moved, what is gone with version 3, what still works."""

from __future__ import annotations

import importlib
import warnings

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.library import Offer, library
from mlsense.knowledge.versions import Pin, Versions
from mlsense.rules.succession import change_of
from mlsense.syntax import script

RULES = frozenset(("removed-api", "unknown-attribute", "unknown-keyword", "deprecated-api"))


def said(text: str, version: str) -> list[str]:
    versions = Versions(pinned=(("apache-airflow", Pin(f"=={version}", "requirements.txt")),))
    report = Analyser().analyse(script("x.py", text), Settings.of(select=RULES, versions=versions))
    return [finding.message for finding in report.findings]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from airflow.operators.bash_operator import BashOperator", "removed in apache-airflow 3.0"),
        ("from airflow.operators.dummy import DummyOperator", "`airflow.operators.empty`"),
        ("from airflow.hooks.S3_hook import S3Hook", "`airflow.providers.amazon.aws.hooks.s3`"),
        ("from airflow.operators.subdag import SubDagOperator", "the import fails"),
        ("from airflow.utils.dates import days_ago", "removed in apache-airflow 3.0"),
        ("from airflow.operators.python import PythonOperator",
         "use `airflow.providers.standard.operators.python.PythonOperator`"),
        ("from airflow.models.baseoperator import BaseOperator", "use `airflow.sdk.bases.operator.BaseOperator`"),
        ('from airflow import DAG\nDAG("a", schedule_interval="@daily")', "`DAG(schedule_interval=...)` was removed"),
    ],
)  # fmt: skip
def test_it_says_what_became_of_a_name(text: str, told: str) -> None:
    messages = said(text, "3.3.0")
    assert len(messages) == 1
    assert told in messages[0]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        # Packages of version 2 make modules at run time.
        ("from airflow.operators.subdag import SubDagOperator\nfrom airflow.utils.dates import days_ago", "2.10.0"),
        ("from airflow.contrib.operators.spark_submit_operator import SparkSubmitOperator", "2.10.0"),
        # What other distributions bring, and modules that are not for users.
        ("from airflow.providers.amazon.aws.hooks.s3 import S3Hook\nfrom airflow.security import permissions", "3.3.0"),
        ("from airflow.sdk import DAG, task\nfrom airflow.jobs.base_job_runner import BaseJobRunner", "3.3.0"),
        ("try:\n    from airflow.operators.empty import EmptyOperator as E\nexcept ImportError:\n"
         "    from airflow.operators.dummy import DummyOperator as E", "2.4.0"),
    ],
)  # fmt: skip
def test_it_is_silent(text: str, version: str) -> None:
    assert said(text, version) == []


def there(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return hasattr(importlib.import_module(module), name) or bool(importlib.import_module(dotted))
        except Exception:
            return False


def test_what_is_said_to_be_gone_is_gone() -> None:
    installed = pytest.importorskip("airflow").__version__
    known = library("airflow")
    found = known.at(installed) if known is not None else None
    if known is None or found is None or not found.exact:
        pytest.skip(f"Airflow {installed} is not in the base")
    names = {name for version in known.versions for name in modules_names(known.at(version))}
    gone = [name for name in sorted(names) if change_of(found, name) is not None]
    assert len(gone) > 500
    assert [name for name in gone if there(name)] == []


def modules_names(of: Offer | None) -> set[str]:
    assert of is not None
    modules = [module for module in of.library._modules if of._known(module) is not None]
    return {f"{module}.{name}" for module in modules for name in of.known_children(module)}
