"""What libraries offer: generated data and its loader. Facts only; loaded on first use."""

from mlsense.knowledge.imblearn import SamplerFacts, sampler_facts
from mlsense.knowledge.library import Change, Entry, Library, Members, Offer, Parameter, libraries, library
from mlsense.knowledge.sklearn import (
    DatasetFacts,
    EstimatorFacts,
    bundled_dataset,
    estimator_facts,
)
from mlsense.knowledge.values import Conflict, Constraint, Given, Interval, accepts, allowed, conflict, conflicts

__all__ = [
    "Change",
    "Conflict",
    "Constraint",
    "DatasetFacts",
    "Entry",
    "EstimatorFacts",
    "Given",
    "Interval",
    "Library",
    "Members",
    "Offer",
    "Parameter",
    "SamplerFacts",
    "accepts",
    "allowed",
    "bundled_dataset",
    "conflict",
    "conflicts",
    "estimator_facts",
    "libraries",
    "library",
    "sampler_facts",
]
