"""The same model behind FastAPI and onnxruntime: async endpoint, raw JSON, one thread, as fast as one process of it gets."""

import numpy
import onnxruntime
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from features import MODEL_FOLDER, OUTPUT, answer, read_event

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(str(MODEL_FOLDER / "model.onnx"), options, providers=["CPUExecutionProvider"])
INPUT = session.get_inputs()[0].name

app = FastAPI()


@app.post("/v1/predict")
async def predict(request: Request) -> JSONResponse:
    event = await request.json()
    source, row = read_event(event)
    (value,) = session.run([OUTPUT], {INPUT: numpy.array([row], dtype=numpy.float32)})
    return JSONResponse(answer(event, source, row, float(value.flat[0])))
