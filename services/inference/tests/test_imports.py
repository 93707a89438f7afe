"""A process that serves has none of the libraries that train, or that read pickles."""

import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pyarrow as pa
import pytest
import treelite

from relevo_bundles import Bundle, write
from relevo_bundles.samples import ROW, sample_manifest
from relevo_bundles.tabulating import tabulate
from relevo_contracts import Manifest
from relevo_contracts.manifest import Golden, Input, Quantity

pytestmark = pytest.mark.slow

SERVE = """
import sys
from pathlib import Path
from inference import app
from inference.duty.predicting import Prediction, ServingModel
from inference.settings import Settings
from relevo_bundles import Bundle, prove
from relevo_bundles.samples import ROW

app.build(Settings(s3_access_key="key", s3_secret_key="secret")).openapi()
bundle = Bundle.read(Path(sys.argv[1]).read_bytes())
prove(bundle)
assert isinstance(ServingModel(bundle, name="m", version="1").predict(ROW), Prediction)
print(*{name.partition(".")[0] for name in sys.modules})
"""
TRAINING = {
    "sklearn",
    "pandas",
    "mlflow",
    "lightgbm",
    "pyarrow",
    "torch",
    "treelite",
    "scipy",
}
PICKLING = {"joblib", "cloudpickle", "skops", "dill"}


def of_trees() -> bytes:
    """A bundle with trees in it, so that the process needs all that serving can need."""
    random = np.random.default_rng(1)
    visits = random.integers(0, 14, 500).astype(float).reshape(-1, 1)
    fitted = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1)
    fitted.fit(visits, (visits[:, 0] + random.normal(size=500) > 7).astype(int))
    trees, files = tabulate(treelite.frontend.from_lightgbm(fitted.booster_))

    def manifest(probability: float) -> Manifest:
        visits = Input(name="visits", feature="visits", encoding=Quantity())
        changes = {
            "inputs": (visits,),
            "estimator": trees,
            "golden": (Golden(row=ROW, answer=(probability,)),),
        }
        return sample_manifest().model_copy(update=changes)

    drafted = Bundle.read(write(manifest(0.0), files))
    return write(manifest(drafted.worst_golden_difference()), files)


def test_serving_imports_no_training_library_and_no_reader_of_pickles(
    tmp_path: Path,
) -> None:
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(of_trees())

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVE, str(bundle)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"relevo_bundles", "inference"} <= loaded
    assert loaded & (TRAINING | PICKLING) == set()


ANSWER_ARROW = """
import sys
from pathlib import Path
from inference.door.batches import Batch, answer_batch
from inference.tables.bodies import Limits
from inference.tables.formats import Format
from inference.duty.predicting import ServingModel
from relevo_bundles import Bundle

model = ServingModel(Bundle.read(Path(sys.argv[1]).read_bytes()), name="m", version="1")
assert "pyarrow" not in sys.modules
for path in sys.argv[2:]:
    body = Path(path).read_bytes()
    batch = Batch(body, form=Format.ARROW, wanted=Format.ARROW, strict=True)
    assert answer_batch(model, batch, limits=Limits(2**20, 1, 9)).status_code == 200
print(*sys.modules)
"""


def test_arrow_is_answered_without_pandas_and_without_what_computes(tmp_path: Path) -> None:
    bundle, body, empty = (tmp_path / name for name in ("bundle.zip", "body", "empty"))
    bundle.write_bytes(of_trees())
    table = pa.Table.from_pylist([ROW, ROW | {"dose": None}, ROW | {"diag_1": None}])
    words = pa.array(["No", "Up", "No"], pa.string_view())
    coded = table["diag_1"].dictionary_encode()
    table = table.set_column(3, "insulin", words).set_column(6, "diag_1", coded)
    with pa.OSFile(str(body), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
        out.write_table(table)
    with pa.OSFile(str(empty), "wb") as file, pa.ipc.new_stream(file, table.schema):
        pass

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ANSWER_ARROW, bundle, body, empty],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "pyarrow.lib" in loaded
    assert loaded & {"pandas", "pyarrow.compute", "pyarrow.dataset", "sklearn"} == set()
