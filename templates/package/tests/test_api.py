from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from my_project import api
from my_project.data import read, split
from my_project.model import make_model


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    X_train, _, y_train, _ = split(*read())
    model = make_model().fit(X_train, y_train)
    monkeypatch.setattr(api, "model", lambda: model)
    with TestClient(api.app) as client:
        yield client


def test_it_is_healthy(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_rows_get_a_class_and_its_probability(client: TestClient) -> None:
    X, _ = read()
    rows = X.head(3).to_dict("records")
    answer = client.post("/predict", json={"rows": rows}).json()
    assert answer["classes"] == [0, 0, 0]
    assert all(1 / 3 < probability <= 1 for probability in answer["probabilities"])


def test_a_missing_number_may_be_null(client: TestClient) -> None:
    X, _ = read()
    row = {**X.iloc[0].to_dict(), X.columns[0]: None}
    assert client.post("/predict", json={"rows": [row]}).status_code == 200


@pytest.mark.parametrize("rows", [[], [{"alcohol": 13.0}], [{"alcohol": "much"}]])
def test_what_is_no_row_is_refused(client: TestClient, rows: list[object]) -> None:
    assert client.post("/predict", json={"rows": rows}).status_code == 422
