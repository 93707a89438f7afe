"""Which of MLflow's answers a batch waits for."""

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST

from relevo_contracts import OutageError
from trainer.recording.mlflow_errors import reaching_mlflow


def test_an_mlflow_whose_tables_were_lost_is_waited_for() -> None:
    answer = '(psycopg2.errors.UndefinedTable) relation "model_versions" does not exist'

    with pytest.raises(OutageError), reaching_mlflow():
        raise MlflowException(answer, error_code=BAD_REQUEST)


def test_another_refusal_is_a_mistake_of_ours() -> None:
    with pytest.raises(MlflowException), reaching_mlflow():
        raise MlflowException("the name is empty", error_code=BAD_REQUEST)
