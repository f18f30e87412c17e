"""What libraries offer: generated data and its loader. Facts only; loaded on first use."""

from mlsense.knowledge.imblearn import SamplerFacts, sampler_facts
from mlsense.knowledge.sklearn import (
    DatasetFacts,
    EstimatorFacts,
    bundled_dataset,
    estimator_facts,
)

__all__ = ["DatasetFacts", "EstimatorFacts", "SamplerFacts", "bundled_dataset", "estimator_facts", "sampler_facts"]
