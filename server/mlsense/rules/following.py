"""Which libraries the rules on rows follow: said on their pages, so that silence is not taken for praise."""

# By family of rules.
FOLLOWED: dict[str, str] = {
    "leakage": """
    Rows are followed through pandas, NumPy, polars, scikit-learn, imbalanced-learn, category_encoders, feature_engine,
    XGBoost, LightGBM, CatBoost, statsmodels, Keras, skorch, PyTorch's data sets and loaders, Hugging Face's `datasets`
    and the `Trainer` of `transformers`, Spark's tables and `pyspark.ml`; choices also through Optuna, hyperopt,
    scikit-optimize's `gp_minimize` and its kind, and keras-tuner.

    Not followed, so that nothing is said: Ray Tune, Dask, cuDF, `tf.data`, Spark's RDDs and its SQL but for single
    comparisons in `filter`, columns that a selector of polars picks, and functions that a library calls with rows it
    does not show.
    """
}
