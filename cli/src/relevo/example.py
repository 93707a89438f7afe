"""The example request of the README, and how to send it."""

import json
from pathlib import Path

EXAMPLE_REQUEST: dict[str, str | int | bool] = {
    "race": "Caucasian",
    "gender": "Female",
    "age_bucket": "[70-80)",
    "time_in_hospital": 3,
    "num_lab_procedures": 41,
    "num_procedures": 0,
    "num_medications": 11,
    "number_outpatient": 0,
    "number_emergency": 0,
    "number_inpatient": 0,
    "number_diagnoses": 6,
    "max_glu_serum": "None",
    "a1c_result": "None",
    "insulin": "Steady",
    "change_med": True,
    "diabetes_med": True,
    "diag_1": "428",
    "diag_2": "250.01",
    "diag_3": "401",
    "medical_specialty": "Cardiology",
    "admission_type_id": 1,
    "discharge_disposition_id": 1,
    "admission_source_id": 7,
}
CURL = "curl -s {url}/predict -H 'Content-Type: application/json' -d "


def curl(url: str) -> str:
    """The whole command, ready to be pasted."""
    body = json.dumps(EXAMPLE_REQUEST, separators=(",", ":"))
    return f"{CURL.format(url=url)}'{body}'"


def short_curl(url: str, state: Path) -> str:
    """The same with the request in a file, for where a line is short."""
    return f"{CURL.format(url=url.removeprefix('http://'))}@{example_file(state)}"


def example_file(state: Path) -> Path:
    """Where `relevo up` puts the request."""
    return state / "example.json"


def write_example(state: Path) -> None:
    """Put the request there."""
    example_file(state).write_text(json.dumps(EXAMPLE_REQUEST, indent=1) + "\n")
