"""A page for a pod: its models' forms out of the pod's own documentation, and a CSV.

streamlit run examples/streamlit_app.py -- http://127.0.0.1:8000
"""

import sys
from itertools import cycle
from typing import Any
from urllib.parse import quote

import httpx
import pandas as pd
import streamlit as st

from relevo_client import Client, ProblemError

POD = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"


def asked(at: Any, name: str, schema: dict[str, Any]) -> Any:
    """A field of the form by its JSON Schema, and what a person put into it."""
    value, told = row["example"].get(name, schema.get("default")), schema["description"]
    if words := schema.get("enum") or schema.get("examples"):
        place = words.index(value) if value in words else None
        return at.selectbox(name, words, place, help=told, accept_new_options=True)
    if "string" in schema["type"]:
        return at.text_input(name, value, help=told)
    number = int if "integer" in schema["type"] else float
    return at.number_input(name, value=None if value is None else number(value), help=told)


st.title("Ask a model")
with Client(POD) as pod:
    models = [each["model_name"] for each in pod.models()]
model = st.sidebar.selectbox("model", models)
table = st.sidebar.file_uploader("a CSV of rows", "csv")
path = f"/models/{quote(model, safe='')}/predict"
page = httpx.get(f"{POD}/openapi.json").json()
body = page["paths"][path]["post"]["requestBody"]["content"]["application/json"]
row = page["components"]["schemas"][body["schema"]["$ref"].split("/")[-1]]
with st.form("row"):
    places = cycle(st.columns(3))
    sent = {key: asked(next(places), key, of) for key, of in row["properties"].items()}
    is_sent = st.form_submit_button("Predict")
with Client(POD, model=model) as pod:
    try:
        if is_sent:
            told = pod.predict(sent)
            st.metric(str(told.get("label", told["prediction"])), told.get("probability"))
            st.caption(f"answered by {told['model_name']}, version {told['model_version']}")
        elif table:
            rows = pd.read_csv(table, dtype=str, keep_default_na=False)
            st.dataframe(pod.predict_frame(rows))
    except ProblemError as problem:
        st.error(problem.detail)
        st.table(problem.errors)
