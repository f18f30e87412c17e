"""Trains the model and saves it."""

import logging

from sklearn.model_selection import StratifiedKFold, cross_val_score

from my_project.data import SEED, read, split
from my_project.model import PATH, make_model, save

logger = logging.getLogger(__name__)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    X_train, _, y_train, _ = split(*read())
    model = make_model()
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    scores = cross_val_score(model, X_train, y_train, cv=folds, scoring="f1_macro")
    logger.info("F1 in five folds of the training rows: %.3f", scores.mean())
    model.fit(X_train, y_train)
    save(model)
    logger.info("The model is in %s.", PATH)


if __name__ == "__main__":
    main()
