"""FastAPI, pydantic, joblib, and one SQLite commit a prediction, as a tutorial has it."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from benchmarks.rivals.scored import Model

app, model = FastAPI(), Model()
database = sqlite3.connect(Path(os.environ["BENCH_FOLDER"]) / "tutorial.sqlite", check_same_thread=False)
database.execute("CREATE TABLE IF NOT EXISTS predictions (id INTEGER PRIMARY KEY, request TEXT, response TEXT)")


class Transaction(BaseModel):
    """The request."""

    transaction_id: str = Field(min_length=1, max_length=128)
    amount: float = Field(ge=0)
    time: float = Field(ge=0)
    features: dict[str, float]


@app.post("/predict")
async def predict(asked: Transaction) -> dict[str, Any]:
    """Score and log."""
    told = model.answer(asked.model_dump())
    given = (asked.model_dump_json(), json.dumps(told))
    database.execute("INSERT INTO predictions (request, response) VALUES (?, ?)", given)
    database.commit()
    return told
