"""How the snippets that save and serve models are tried out; what is not Python: tests/snippets/test_serving.py."""

from __future__ import annotations

from snippets.running import PYTEST, Case
from snippets.texts import text_of

WINE = """\
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

wine = load_wine(as_frame=True)
X = wine.data[["alcohol", "flavanoids", "proline"]]
y = wine.target_names[wine.target]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=42)
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(X_train, y_train)
"""
"""A classifier of wines by three of their columns: the one that the APIs of this pack propose."""

DIABETES = """\
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=42)
model = Ridge(alpha=0.1)
model.fit(X_train, y_train)
"""
SKOPS = f"{WINE}\nimport skops.io\n\nskops.io.dump(model, 'model.skops')\n"
ONNX = f"""{WINE}
import numpy as np
from skl2onnx import to_onnx

with open("model.onnx", "wb") as file:
    file.write(to_onnx(model, X_train[:1].to_numpy(np.float32)).SerializeToString())
"""
JOBLIB = f"""{WINE}
import hashlib

import joblib

saved = model
joblib.dump(model, "model.joblib")
with open("model.joblib", "rb") as file, open("model.sha256", "w") as digest:
    digest.write(hashlib.sha256(file.read()).hexdigest())
"""
SAME = "assert (model.predict(X_test) == {before}.predict(X_test)).all()"
APP = """
import os

import skops.io

skops.io.dump(model, "model.skops")
os.environ["MODEL"] = "model.skops"
"""
PLAIN_APP = """
from fastapi import FastAPI

app = FastAPI()
"""
RAISES = """
def fails(work):
    try:
        work()
    except (SystemExit, Exception) as error:
        return str(error)
    raise AssertionError("went through")
"""
# What every prediction API of this pack must do, whatever it is made with.
ANSWERS = """
good = X_test.head(3).to_dict("records")
answer = client.post("/predict", json={"rows": good})
assert answer.status_code == 200, answer.status_code
assert said(answer)["predictions"] == list(model.predict(X_test.head(3)))
row = good[0]
for wrong in (row | {"proline": "a lot"}, row | {"proline": None}, row | {"colour": 1.0}, {"alcohol": 13.0}):
    assert client.post("/predict", json={"rows": [wrong]}).status_code in (400, 422), wrong
for wrong in ({"rows": []}, {}, [row]):
    assert client.post("/predict", json=wrong).status_code in (400, 422), wrong
assert client.get("/health").status_code == 200
"""

CASES = {
    "ml-save-skops": Case(
        WINE,
        "loaded = skops.io.load('model.skops', trusted=[])\n" + SAME.format(before="loaded"),
        prints="types to trust: none",
    ),
    "ml-save-skops-load": Case(
        SKOPS + "saved = model\n",
        SAME.format(before="saved")
        + """

import os

from sklearn.preprocessing import FunctionTransformer

# A file that would run a command is refused.
skops.io.dump(FunctionTransformer(os.system), "evil.skops")
try:
    skops.io.load("evil.skops", trusted=trusted)
except UntrustedTypesFoundException:
    pass
else:
    raise AssertionError("it was loaded")
""",
    ),
    "ml-save-onnx": Case(
        WINE,
        "assert path.stat().st_size > 0 and same > 0.97 and apart < 1e-4 and len(labels) == len(X_test)",
        prints=" of the answers are the same",
    ),
    "ml-save-onnx-number": Case(
        DIABETES, "assert path.is_file() and apart < 0.01", prints="predictions differ by up to"
    ),
    "ml-serve-onnx": Case(ONNX, "assert (answers == model.predict(X_test)).mean() > 0.97", prints="45 answers"),
    "ml-save-joblib": Case(
        WINE,
        'assert path.with_suffix(".sha256").read_text() == digest\nloaded = joblib.load(path)\n'
        + SAME.format(before="loaded"),
        prints="SHA-256",
    ),
    "ml-save-joblib-load": Case(JOBLIB, SAME.format(before="saved")),
    "ml-save-card": Case(
        WINE,
        'written = json.loads(Path("model.json").read_text())\n'
        'assert written["columns"] == dict.fromkeys(X, "float64")\n'
        'assert written["rows"] == len(X_train) and written["test score"] > 0.85 and "pandas" in written["libraries"]',
    ),
    "ml-serve-fastapi": Case(
        WINE + APP,
        "from fastapi.testclient import TestClient\n\nclient = TestClient(app)\nsaid = lambda answer: answer.json()\n"
        + ANSWERS
        + 'refused = client.post("/predict", json={"rows": [row | {"alcohol": 70.0}]})\n'
        'assert refused.status_code == 422 and "alcohol" in refused.text',
        name="app.py",
    ),
    "ml-serve-flask": Case(
        WINE + APP,
        "client = app.test_client()\nsaid = lambda answer: answer.get_json()\n"
        + ANSWERS
        + 'assert "proline" in client.post("/predict", json={"rows": [row | {"proline": True}]}).get_json()["error"]\n'
        'assert client.post("/predict", data="{", content_type="application/json").status_code == 400',
        name="app.py",
    ),
    "ml-serve-health": Case(
        WINE + PLAIN_APP,
        """\
from fastapi.testclient import TestClient

client = TestClient(app)
assert client.get("/ready").json() == {"status": "ready"}
KNOWN_ANSWER = "class_9"
assert client.get("/ready").status_code == 503
del KNOWN_ROW["proline"]
assert client.get("/ready").json() == {"detail": "the model does not answer"}
""",
    ),
    "ml-serve-test": Case(
        WINE + APP, PYTEST, {"app.py": text_of("ml-serve-fastapi")}, name="test_api.py", prints="11 passed"
    ),
    "ml-serve-client": Case(
        WINE
        + """
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd


class Api(BaseHTTPRequestHandler):
    def do_POST(self):
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["rows"]
        asked.append(len(rows))
        answer = json.dumps({"predictions": list(model.predict(pd.DataFrame(rows)))}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


asked = []
server = HTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
# The port that the snippet proposes may be another program's: it is asked by way of a free one.
os.environ["HTTP_PROXY"] = f"http://127.0.0.1:{server.server_port}"
os.environ.pop("NO_PROXY", None)
os.environ.pop("no_proxy", None)
df = pd.concat([X] * 4, ignore_index=True)
""",
        'assert list(df["prediction"]) == list(model.predict(df[columns])) and asked == [500, 212], asked',
    ),
    "ml-serve-batch": Case(
        SKOPS + 'X.to_csv("rows.csv", index=False)\n',
        'scored = pd.read_csv("predictions.csv")\nassert list(scored["prediction"]) == list(model.predict(X))\n'
        'assert not list(Path().glob("*.part"))\n'
        'main_part = score(model, Path("rows.csv"), Path("parts.csv"), 50)\n'
        'assert main_part == len(X) and Path("parts.csv").read_text() == Path("predictions.csv").read_text()\n'
        'X.drop(columns="proline").to_csv("short.csv", index=False)\n'
        + RAISES
        + 'assert "no column proline" in fails(lambda: score(model, Path("short.csv"), Path("no.csv"), 50))\n'
        'assert not Path("no.csv").exists()',
        name="score.py",
        arguments=("rows.csv", "predictions.csv"),
        prints="178 rows scored into predictions.csv",
    ),
}
