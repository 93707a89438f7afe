"""What a line of the log looks like, whoever wrote it."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator

import pytest
import structlog

from relevo_contracts import BatchRaw, Envelope
from relevo_runtime.kafka.observing import observe
from relevo_runtime.telemetry.log_noise import NoiseFilter
from relevo_runtime.telemetry.logging import configure_logging


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leaves the logging of the test run as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


Lines = Callable[[], list[dict[str, object]]]


def configured(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Logging as it is without a terminal, and a look at the lines that are new."""
    configure_logging("cleaner", level="INFO", format="auto")

    def read() -> list[dict[str, object]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


def test_our_line_is_json_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = configured(capsys)
    structlog.get_logger("cleaner.handlers").info("batch cleaned", rows=14_998)

    (line,) = lines()
    assert line.pop("timestamp")
    assert line == {
        "message": "batch cleaned",
        "rows": 14_998,
        "level": "info",
        "logger": "cleaner.handlers",
        "service": "cleaner",
    }


@pytest.mark.parametrize("name", ["uvicorn.error", "faststream.kafka", "any.library"])
def test_a_line_of_a_library_has_the_same_form(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    lines = configured(capsys)
    logging.getLogger(name).error("%s of %s", "one", 2, extra={"topic": "batch.raw"})

    (line,) = lines()
    assert line["message"] == "one of 2"
    assert (line["level"], line["logger"]) == ("error", name)
    assert (line["service"], line["topic"]) == ("cleaner", "batch.raw")


def test_event_batch_and_trace_are_on_every_line_while_an_event_is_handled(
    capsys: pytest.CaptureFixture[str], batch: Callable[[], BatchRaw]
) -> None:
    lines = configured(capsys)
    event = batch()
    envelope = Envelope.of(event, source="ingestor", cause="test")

    with observe(event, envelope):
        structlog.get_logger().info("ours")
        logging.getLogger("a.library").info("theirs")
    structlog.get_logger().info("afterwards")

    *during, after = lines()
    for line in during:
        assert line["event_id"] == envelope.id
        assert line["batch_id"] == event.batch_id
        assert line["trace_id"] == envelope.traceparent.split("-")[1]
        assert line["event_type"] == "relevo.batch.raw.v1"
    assert "event_id" not in after


def test_an_exception_is_one_line_with_its_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = configured(capsys)
    try:
        raise ZeroDivisionError("of this test")
    except ZeroDivisionError:
        structlog.get_logger().exception("a bug")

    (line,) = lines()
    assert "ZeroDivisionError: of this test" in str(line["exception"])


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    lines = configured(capsys)
    structlog.get_logger().debug("too fine")
    logging.getLogger("a.library").debug("too fine")

    assert lines() == []


def test_a_warning_of_python_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = configured(capsys)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old things", UserWarning, stacklevel=1)

    (line,) = lines()
    assert "old things" in str(line["message"])


def test_the_console_form_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("cleaner", level="info", format="console")

    structlog.get_logger().info("batch cleaned", rows=3)

    text = capsys.readouterr().out
    assert "batch cleaned" in text
    assert "rows=3" in text
    assert "{" not in text


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configure_logging("cleaner", level="loud", format="json")


def record(name: str, message: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, ("x",), None)


def test_a_library_that_repeats_itself_is_heard_once_in_a_while() -> None:
    now = 100.0
    noise = NoiseFilter(30, clock=lambda: now)
    said = "Unable connect to node %s"

    heard = [noise.filter(record("aiokafka.client", said)) for _ in range(100)]
    other = noise.filter(record("aiokafka.client", "another %s"))
    now += 31
    later = record("aiokafka.client", said)

    assert heard == [True] + [False] * 99
    assert other
    assert noise.filter(later)
    assert later.getMessage() == "Unable connect to node x (and 99 more of this kind)"


def test_our_own_lines_are_never_left_out() -> None:
    noise = NoiseFilter()

    assert all(noise.filter(record("cleaner.handlers", "again %s")) for _ in range(9))
