"""A page for a pod's default model: a form out of the pod's own documentation, and a CSV.

python examples/gradio_app.py http://127.0.0.1:8000
"""

import io
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pandas as pd

POD = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
CSV = {"content-type": "text/csv", "accept": "text/csv"}
pod = httpx.Client(base_url=POD, timeout=30)


def call(path: str, **body: Any) -> httpx.Response:
    """The pod's answer; a refusal reaches the person in the pod's words."""
    answer = pod.post(path, **body)
    if answer.is_error:
        told = answer.json()
        wrong = [f"{each['field']} {each['message']}" for each in told.get("errors", [])]
        raise gr.Error("; ".join(wrong) or told["detail"])
    return answer


def field(name: str, schema: dict[str, Any]) -> gr.components.Component:
    """A field of the form by its JSON Schema."""
    value = row["example"].get(name, schema.get("default"))
    about = {"value": value, "label": name, "info": schema["description"]}
    if words := schema.get("enum") or schema.get("examples"):
        choices = [(str(word), word) for word in words]
        return gr.Dropdown(choices, allow_custom_value=True, **about)
    if "string" in schema["type"]:
        return gr.Textbox(**about)
    return gr.Number(precision=0 if "integer" in schema["type"] else None, **about)


def predict(*values: Any) -> Any:
    """One row in; the answer, with probability and version, out."""
    return call("/predict", json=dict(zip(row["properties"], values, strict=True))).json()


def predict_rows(file: str) -> tuple[pd.DataFrame, str]:
    """A CSV in; an answer per line, and the version that gave them, out."""
    answer = call("/predict_batch", content=Path(file).read_bytes(), headers=CSV)
    return pd.read_csv(io.StringIO(answer.text)), answer.headers["x-relevo-model-version"]


row = pod.get("/openapi.json").json()["components"]["schemas"]["Row"]
fields = [field(name, schema) for name, schema in row["properties"].items()]
answers = [gr.Dataframe(label="answers"), gr.Textbox(label="version")]
options: Any = {"flagging_mode": "never", "analytics_enabled": False}
form = gr.Interface(predict, fields, gr.JSON(label="answer"), **options)
table = gr.Interface(predict_rows, gr.File(), answers, **options)
app = gr.TabbedInterface([form, table], ["a row", "a CSV"], analytics_enabled=False)
app.launch(server_name="127.0.0.1", theme=gr.themes.Base(font="sans-serif"))
