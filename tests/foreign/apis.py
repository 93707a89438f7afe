"""APIs of strangers as their owners wrote them: a cursor, and random parts for groups."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, jsonify, request

Row = dict[str, Any]


class CursorApi:
    """`GET /get_data`: the next so many records; after the last the first ones again."""

    def __init__(self, records: Sequence[Row], *, at_once: int) -> None:
        self.records = records
        self.at_once = at_once
        self.cursor = 0
        self.calls = 0
        self.app = Flask("cursor")
        self.app.add_url_rule("/get_data", "get_data", self.get_data)

    def get_data(self) -> Any:
        self.calls += 1
        if self.cursor >= len(self.records):
            self.cursor = 0
        begin, self.cursor = self.cursor, self.cursor + self.at_once
        return jsonify(self.records[begin : self.cursor])


class GroupApi:
    """`GET /data?group_number=3`: a random part of the batch of the moment, without names.

    The batch changes every `seconds`; after the last there is nothing until somebody calls
    `/restart_data_generation`.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[Any]],
        *,
        batch_rows: int,
        part_rows: int,
        seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rows = rows
        self.batch_rows = batch_rows
        self.part_rows = part_rows
        self.seconds = seconds
        self.clock = clock
        self.chance = random.Random(7)  # noqa: S311
        self.batch, self.changed_at = -1, float("-inf")
        self.calls = 0
        self.app = Flask("group")
        self.app.add_url_rule("/data", "data", self.data)
        self.app.add_url_rule("/restart_data_generation", "restart", self.restart)

    def data(self) -> Any:
        self.calls += 1
        group = request.args.get("group_number", type=int)
        if group is None or not 1 <= group <= 10:
            return jsonify(detail="no such group"), 400
        if self.clock() - self.changed_at >= self.seconds:
            self.batch, self.changed_at = self.batch + 1, self.clock()
        batch = self.rows[self.batch * self.batch_rows :][: self.batch_rows]
        if not batch:
            return jsonify(detail="all data was handed out"), 400
        part = self.chance.sample(batch, min(self.part_rows, len(batch)))
        return jsonify(group_number=group, batch_number=self.batch, data=part)

    def restart(self) -> Any:
        self.batch, self.changed_at = -1, float("-inf")
        return "ok"
