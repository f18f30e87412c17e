"""What libraries offer: generated data and its loader. Facts only; loaded on first use."""

from mlsense.knowledge.imblearn import SamplerFacts, sampler_facts
from mlsense.knowledge.keywords import usual_keywords
from mlsense.knowledge.kinds import ConditionalMethod, Kind, conditional_methods, has_method, kind
from mlsense.knowledge.library import Change, Entry, Library, Members, Offer, Parameter, libraries, library
from mlsense.knowledge.scoring import Metric, Scorer, Splitter, metric, scorers, splitter
from mlsense.knowledge.sklearn import (
    DatasetFacts,
    EstimatorFacts,
    bundled_dataset,
    estimator_facts,
)
from mlsense.knowledge.values import Conflict, Constraint, Given, Interval, accepts, allowed, conflict, conflicts

__all__ = [
    "Change",
    "ConditionalMethod",
    "Conflict",
    "Constraint",
    "DatasetFacts",
    "Entry",
    "EstimatorFacts",
    "Given",
    "Interval",
    "Kind",
    "Library",
    "Members",
    "Metric",
    "Offer",
    "Parameter",
    "SamplerFacts",
    "Scorer",
    "Splitter",
    "accepts",
    "allowed",
    "bundled_dataset",
    "conditional_methods",
    "conflict",
    "conflicts",
    "estimator_facts",
    "has_method",
    "kind",
    "libraries",
    "library",
    "metric",
    "sampler_facts",
    "scorers",
    "splitter",
    "usual_keywords",
]
