"""A scikit-learn model of the same size behind FastAPI: a peer in speed, not in quality, trained on made-up rows as it starts."""

import os

import numpy
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sklearn.ensemble import HistGradientBoostingClassifier

from features import FIELDS, answer, read_event

TREES = int(os.environ["BENCH_TREES"])
LEAVES = int(os.environ["BENCH_LEAVES"])
ROWS = 20_000

random = numpy.random.default_rng(0)
rows = random.normal(size=(ROWS, len(FIELDS)))
# Every feature matters and interacts, so that the trees grow as deep as they may.
labels = numpy.sin(3 * rows).sum(axis=1) + rows.prod(axis=1) + random.normal(size=ROWS) > 0
model = HistGradientBoostingClassifier(
    max_iter=TREES, max_leaf_nodes=LEAVES, min_samples_leaf=5, early_stopping=False, random_state=0
).fit(rows, labels)

app = FastAPI()


@app.post("/v1/predict")
async def predict(request: Request) -> JSONResponse:
    event = await request.json()
    source, row = read_event(event)
    value = model.predict_proba(numpy.array([row], dtype=numpy.float64))[0, 1]
    return JSONResponse(answer(event, source, row, float(value)))
