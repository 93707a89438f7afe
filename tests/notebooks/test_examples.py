"""The examples' pages work with a pod, as a person uses them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from streamlit.testing.v1 import AppTest

from relevo_local.places.ports import free_port
from tests.pipeline.reaching import EXAMPLE_REQUEST, until
from tests.pipeline.running import RunningPlatform
from tests.repo.files import ROOT

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(900)]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def pod(platform: RunningPlatform) -> str:
    """The address of a pod."""
    return platform.addresses.inference[0]


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Two rows, the second of which does not fit."""
    path = tmp_path / "rows.csv"
    rows = [EXAMPLE_REQUEST, {**EXAMPLE_REQUEST, "gender": "Femal"}]
    lines = [",".join(str(value) for value in row.values()) for row in rows]
    path.write_text("\n".join([",".join(EXAMPLE_REQUEST), *lines]) + "\n")
    return path


@pytest.fixture
def page(pod: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Streamlit's page, opened."""
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", pod])
    page = AppTest.from_file(str(EXAMPLES / "streamlit_app.py"), default_timeout=60).run()
    assert not page.exception
    return page


def test_streamlit_answers_the_ready_example(
    platform: RunningPlatform, pod: str, page: AppTest
) -> None:
    expected = platform.predict(pod)

    page.button[0].click().run()

    assert not page.exception
    assert float(page.metric[0].value) == pytest.approx(expected["probability"])
    assert f"version {expected['model_version']}" in page.caption[0].value


def test_streamlit_tells_what_is_wrong_in_the_pods_words(page: AppTest) -> None:
    fields = {field.label: field for field in page.number_input}

    fields["time_in_hospital"].set_value(-1)
    page.button[0].click().run()

    assert page.table[0].value["field"].tolist() == ["time_in_hospital"]


def test_streamlit_answers_a_csv_line_by_line(page: AppTest, csv: Path) -> None:
    page.file_uploader[0].upload(csv.name, csv.read_bytes(), "text/csv").run()

    assert not page.exception
    answers = page.dataframe[0].value
    assert answers["prediction"].notna().tolist() == [True, False]


@pytest.fixture
def example(pod: str) -> dict[str, Any]:
    """Every field with the value that a form begins with, in the document's order."""
    row = httpx.get(f"{pod}/openapi.json").json()["components"]["schemas"]["Row"]
    fields = row["properties"].items()
    return {name: row["example"].get(name, of.get("default")) for name, of in fields}


@pytest.fixture(scope="module")
def gradio(platform: RunningPlatform) -> Iterator[Client]:
    """Gradio's page, called as its own documentation says."""
    port = free_port()
    app = subprocess.Popen(
        [sys.executable, "examples/gradio_app.py", platform.addresses.inference[0]],
        cwd=ROOT,
        env=os.environ | {"GRADIO_SERVER_PORT": str(port)},
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert app.poll() is None, "the example ended"
        try:
            return httpx.get(url).is_success
        except httpx.TransportError:
            return False

    try:
        until(answers, seconds=120, what="Gradio does not answer")
        yield Client(url, verbose=False)
    finally:
        app.terminate()
        app.wait(timeout=10)


def test_gradio_answers_the_ready_example(
    platform: RunningPlatform, pod: str, gradio: Client, example: dict[str, Any]
) -> None:
    expected = platform.predict(pod)

    answer = gradio.predict(*example.values(), api_name="/predict")

    assert answer["probability"] == pytest.approx(expected["probability"])
    assert answer["model_version"] == expected["model_version"]


def test_gradio_tells_what_is_wrong_in_the_pods_words(
    gradio: Client, example: dict[str, Any]
) -> None:
    wrong = example | {"gender": "Femal"}

    with pytest.raises(AppError, match="did you mean 'Female'"):
        gradio.predict(*wrong.values(), api_name="/predict")


def test_gradio_answers_a_csv_line_by_line(gradio: Client, csv: Path) -> None:
    answers, version = gradio.predict(handle_file(csv), api_name="/predict_rows")

    assert len(answers["data"]) == 2
    assert version
