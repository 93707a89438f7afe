"""Asks a pod for predictions, from a program."""

from relevo_client.async_client import AsyncClient
from relevo_client.client import Client
from relevo_client.problems import ProblemError
from relevo_client.questions import Answers

__all__ = ["Answers", "AsyncClient", "Client", "ProblemError"]
