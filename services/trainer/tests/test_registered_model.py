"""The registered model is loaded by anybody, and answers as the bundle in it does."""

import ast
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.models import Model
from mlflow.types.schema import ColSpec

from relevo_bundles import Bundle, CleanRow, RequestSchema
from relevo_contracts import Task
from relevo_contracts.registry_tags import BUNDLE_PATH
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES
from trainer.learning.training import Trained
from trainer.recording.model_folder import LIBRARIES, SHIPPED_CODE, fill_folder

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]
Row = dict[str, Any]
ANSWER = 1e-9


class Registered:
    """A folder as the registry keeps it: the model as MLflow loads it, and the bundle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model: PyFuncModel = mlflow.pyfunc.load_model(str(folder))
        self.bundle = Bundle.read((folder / BUNDLE_PATH).read_bytes())

    def by_mlflow(self, rows: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
        """(rows × outputs) as a bundle has them: of two classes that of class 1."""
        answers = np.asarray(self.model.predict(rows))
        return answers.reshape(len(answers), -1)[:, -self.bundle.outputs :]

    def by_bundle(self, rows: Sequence[Row]) -> np.ndarray[Any, np.dtype[np.float64]]:
        schema = RequestSchema(self.bundle.manifest)
        checked = [schema.check(row) for row in rows]
        columns = {
            feature.name: [
                row.values[feature.name] for row in checked if isinstance(row, CleanRow)
            ]
            for feature in self.bundle.manifest.features
        }
        return self.bundle.answers(columns)

    @property
    def example(self) -> Row:
        """The row for people to read."""
        manifest = self.bundle.manifest
        return dict(manifest.example or manifest.golden[0].row)


@pytest.fixture(scope="module")
def registered(
    trained_of: dict[Task, Trained],
    tables_of: Mapping[Task, Sequence[Table]],
    assign: Callable[[Sequence[Table]], Assignment],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[Task, Registered]:
    found: dict[Task, Registered] = {}
    for task, trained in trained_of.items():
        folder = tmp_path_factory.mktemp(task)
        model = Model(artifact_path="model", run_id="0" * 32)
        fill_folder(folder, model, assign(tables_of[task]), trained)
        found[task] = Registered(folder)
    return found


@pytest.fixture
def encounters(registered: dict[Task, Registered]) -> Registered:
    """The model of diabetes130."""
    return registered["binary"]


def raw(row: Row, model: Registered) -> Row:
    """The same row as the source writes it, with columns that nothing is made of."""
    names = {each.name: each.raw_name for each in model.bundle.manifest.features}
    words = {True: "Yes", False: "No"}
    renamed = {
        names[name]: words[value] if isinstance(value, bool) else value
        for name, value in row.items()
    }
    return {**renamed, "encounter_id": 7, "weight": "?", "id": "mine"}


@pytest.mark.parametrize("task", CANDIDATES)
def test_the_example_and_the_golden_rows_are_answered_as_by_the_bundle(
    registered: dict[Task, Registered], task: Task
) -> None:
    model = registered[task]
    rows = [model.example, *(each.row for each in model.bundle.manifest.golden)]

    answers = model.by_mlflow(pd.DataFrame(rows))

    expected = model.by_bundle(rows)
    np.testing.assert_allclose(answers, expected, rtol=ANSWER, atol=ANSWER)


@pytest.mark.parametrize("form", [lambda row: row, lambda row: [row]], ids=["row", "list"])
def test_a_row_need_not_be_a_table(
    encounters: Registered, form: Callable[[Row], object]
) -> None:
    answers = encounters.by_mlflow(form(encounters.example))

    assert answers == pytest.approx(encounters.by_bundle([encounters.example]), abs=ANSWER)


def test_the_readme_s_row_is_taken_with_23_fields_by_either_name(
    encounters: Registered,
) -> None:
    row = encounters.example
    assert len(row) == 23

    answers = encounters.by_mlflow(pd.DataFrame([raw(row, encounters)]))

    assert answers == pytest.approx(encounters.by_bundle([row]), abs=ANSWER)


@pytest.mark.parametrize(
    "change",
    [
        {"diag_2": None, "gender": None},
        {"max_glu_serum": None},
        {"num_medications": "11", "admission_type_id": "1", "change_med": "Ch"},
        {"admission_type_id": 6, "race": "?"},
        {"medical_specialty": "Astrology", "metformin": "Up"},
    ],
    ids=str,
)
def test_a_value_means_the_same_as_at_a_pod(encounters: Registered, change: Row) -> None:
    row = {**encounters.example, **change}

    answers = encounters.by_mlflow(pd.DataFrame([encounters.example, row]))

    assert answers == pytest.approx(
        encounters.by_bundle([encounters.example, row]), abs=ANSWER
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gender": "female"}, "row 1: `gender` is none of its words"),
        ({"time_in_hospital": 15}, "row 1: `time_in_hospital` is out of range"),
        ({"discharge_disposition_id": 11}, "row 1: .* died or went to a hospice"),
        ({"insulin": None}, "row 1: `insulin` has no value"),
        ({"insulin": ["No"]}, "row 1: `insulin` is not text"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    encounters: Registered, change: Row, words: str
) -> None:
    rows = [encounters.example, {**encounters.example, **change}]

    with pytest.raises(ValueError, match=words):
        encounters.model.predict(pd.DataFrame(rows))


@pytest.mark.parametrize("name", ["insulin", "age_bucket"])
def test_a_required_field_is_missed_by_its_name(encounters: Registered, name: str) -> None:
    row = {key: value for key, value in encounters.example.items() if key != name}

    with pytest.raises(Exception, match=name):
        encounters.model.predict(pd.DataFrame([row]))


def test_the_signature_tells_what_must_be_sent(encounters: Registered) -> None:
    metadata = encounters.model.metadata
    schema = metadata.get_input_schema()  # type: ignore[no-untyped-call]
    required = {each.name for each in schema.inputs if each.required}
    features = encounters.bundle.manifest.features

    assert {type(each) for each in schema.inputs} == {ColSpec}
    assert required == {f.name for f in features if f.required and f.name == f.raw_name}
    assert {"age", "age_bucket", "metformin"} <= set(schema.input_names())


@pytest.mark.parametrize("task", CANDIDATES)
def test_the_example_is_saved_with_the_model(
    registered: dict[Task, Registered], task: Task
) -> None:
    model = registered[task]

    assert model.model.input_example == [model.example]


ALONE = """
import sys
sys.path[:] = [place for place in sys.path if not place.endswith("/src")]
import mlflow.pyfunc
model = mlflow.pyfunc.load_model(sys.argv[1])
import relevo_datasets
print(relevo_datasets.__file__, model.predict(model.input_example).tolist())
"""


@pytest.mark.servers
def test_a_person_s_own_dataset_is_known_where_only_the_model_is(
    registered: dict[Task, Registered],
) -> None:
    model = registered["regression"]

    told = subprocess.run(
        [sys.executable, "-c", ALONE, str(model.folder)],
        env={},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    expected = model.by_bundle([model.example])[0, 0]
    assert told.startswith(f"{model.folder}/code/relevo_datasets/__init__.py [")
    assert float(told.partition("[")[2].rstrip("]\n")) == pytest.approx(expected)


@pytest.mark.parametrize("package", SHIPPED_CODE)
def test_the_code_that_travels_needs_no_other_libraries(package: str) -> None:
    ours = {*SHIPPED_CODE, *sys.stdlib_module_names}
    imported = set()
    for file in Path(str(files(package))).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [each.name for each in node.names] if isinstance(node, ast.Import) else []
            )
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            imported |= {name.partition(".")[0] for name in names}

    assert {name.replace("_", "-") for name in imported - ours} <= set(LIBRARIES)
