"""Predictions over HTTP: `uvicorn my_project.api:app`, then http://127.0.0.1:8000/docs."""

from functools import cache

import pandas as pd
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from sklearn.pipeline import Pipeline

from my_project.model import load

app = FastAPI(title="my_project")


class Question(BaseModel):
    """Rows by the names of their columns; null stands for a missing number."""

    rows: list[dict[str, float | None]] = Field(min_length=1, max_length=10_000)


class Answer(BaseModel):
    """The class of each row, and how likely it is."""

    classes: list[int]
    probabilities: list[float]


@cache
def model() -> Pipeline:
    """The saved model, loaded once."""
    return load()


@app.get("/health")
def health() -> dict[str, str]:
    """Fails where there is no model to answer with."""
    model()
    return {"status": "ok"}


@app.post("/predict")
def predict(question: Question) -> Answer:
    columns = list(model().feature_names_in_)
    for number, row in enumerate(question.rows):
        if wrong := set(columns) ^ row.keys():
            raise HTTPException(422, f"row {number}: {', '.join(sorted(wrong))}")
    df = pd.DataFrame(question.rows, columns=columns, dtype=float)
    likely = model().predict_proba(df)
    return Answer(
        classes=model().classes_[likely.argmax(axis=1)].tolist(),
        probabilities=likely.max(axis=1).tolist(),
    )
