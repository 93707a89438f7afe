"""The views: what is shown fits the terminal, and a view that fails harms nobody."""

import io
import json
import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue
from rich.console import Console

from relevo.addresses import unseen
from relevo.example import curls, example_of
from relevo.view.picture import Picture
from relevo.view.scene import Scene
from relevo.view.status import as_json, whole
from relevo.view.views import PlainView, View, Views
from relevo_contracts.results import Stage, Verdict
from relevo_local.supervising.processes import ProcessStatus
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import samples
from relevo_story.telling.facts import (
    Door,
    Fact,
    Lag,
    Lags,
    Line,
    Mended,
    Progress,
    Said,
    Schedule,
)
from relevo_story.telling.samples import happened, result
from relevo_story.telling.story import Story

NOW = samples.at(5, 12)


def promoted(number: int) -> list[Fact]:
    """A batch from its release to the pods that answer by what it taught."""
    verdict: dict[str, JsonValue] = {
        "task": "binary",
        "figure": "roc_auc",
        "algorithm": "lightgbm",
        "test": 0.67,
        "model_version": str(number),
    }
    return [
        samples.released(number),
        happened(samples.raw(number)),
        result(Stage.CLEAN, number, after=1.1, seconds=0.6, event=samples.clean(number)),
        result(
            Stage.TRAINED,
            number,
            Verdict.PROMOTED,
            after=8,
            seconds=5,
            statistics=verdict,
        ),
        happened(samples.promoted(str(number), number), offset=number),
        happened(samples.served("pod-1", str(number), number)),
        happened(samples.served("pod-2", str(number), number)),
    ]


def busy_scene(batches: int = 3) -> Scene:
    """A platform with verdicts, a refused batch, a batch in training and a dead process."""
    story, lines = Story(pods=2), []
    facts = [fact for number in range(1, batches + 1) for fact in promoted(number)]
    refused, training = batches + 1, batches + 2
    facts += [
        result(Stage.RAW, refused, Verdict.REFUSED, after=0.3, seconds=0.1, reason="empty"),
        samples.released(training),
        happened(samples.raw(training)),
        happened(samples.clean(training)),
        samples.schedule(training + 1),
        Progress({samples.batch_id(training): "lightgbm, 3 of 4"}),
        Lags((Lag("cleaner", "batch.raw", 2, 3.5),)),
        Mended("http://i", {"announcement": 2, "bundle": 1}),
        Mended("http://w", {"announcement": 1}, held_back=("diabetes130",)),
        Said(NOW, "cleaner", "died (signal 9), again in 0.5 s", "bad"),
    ]
    for fact in facts:
        lines += story.add(fact)
    return Scene(
        story=story,
        now=NOW,
        where=Whereabouts(
            mlflow="http://m",
            inference=("http://p1", "http://p2"),
            datasets=("diabetes130",),
        ),
        processes=[
            ProcessStatus(name="cleaner", state="restarting", restarts=2, since=NOW),
            ProcessStatus(name="pod-1", pid=4711, state="ready", since=NOW),
            ProcessStatus(name="pod-2", pid=4712, state="ready", since=NOW),
        ],
        lines=lines,
        began=NOW - timedelta(minutes=2),
        interval_seconds=20,
    )


def shown(scene: Scene, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    options = console.options.update(height=height)
    return [
        "".join(segment.text for segment in line)
        for line in console.render_lines(Picture(scene), options, pad=False)
    ]


@pytest.mark.parametrize("size", [(100, 30), (200, 50), (80, 24), (60, 15), (20, 5)])
def test_the_picture_fills_the_terminal_and_never_more(size: tuple[int, int]) -> None:
    lines = shown(busy_scene(batches=40), *size)

    assert len(lines) == size[1]
    assert max(map(len, lines)) <= size[0]


def test_the_picture_tells_how_far_each_batch_is_who_serves_and_what_is_wrong() -> None:
    picture = "\n".join(shown(busy_scene(), 100, 30))

    for told in (
        r"3 +\d\d:\d\d:\d\d +✔ 15,000 +✔ 14,690 0.6 s +★ v3 promoted 0.670",
        r"3 .* 2 of 2 9.8 s",
        r"4 +✘ refused +✘ empty",
        r"5 .* 11 s · lightgbm, 3 of 4",
        r"6 +in 8 s",
        r"Champion +version 3  lightgbm  ROC-AUC 0.670",
        r"Serving +pod-1 version 3 pid 4711 +pod-2 version 3 pid 4712",
        r"Lag +cleaner 2, 3.5 s",
        r"Processes +2 of 3 ready +restarting: cleaner +died: cleaner twice",
        r"cleaner +died \(signal 9\), again in 0.5 s",
        r"curl -s p1/predict .* -d @.relevo/example.json",
    ):
        assert re.search(told, picture), f"{told!r} is not in\n{picture}"


def test_a_process_that_does_not_answer_is_told_with_since_when() -> None:
    since = NOW - timedelta(seconds=12)
    silent = ProcessStatus(name="kafka", pid=1, state="silent", since=since)
    scene = replace(busy_scene(), processes=[silent])

    picture = "\n".join(shown(scene, 100, 30))
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(whole(scene, width=120))
    status = console.file.getvalue()  # type: ignore[attr-defined]

    assert re.search(r"0 of 1 ready +not answering: kafka since 12 s", picture)
    assert re.search(r"kafka +● not answering +12 s +1", status)


def test_of_several_datasets_each_has_its_next_batch_and_all_are_counted() -> None:
    scene = busy_scene()
    scene.story.add(Schedule("pima", total=3, next_number=1, next_due=NOW))

    picture = "\n".join(shown(scene, 100, 30))

    assert re.search(r"diabetes130 6 +in 8 s", picture), picture
    assert re.search(r"pima 1 +now", picture), picture
    assert "of 10 released" in picture


def test_status_shows_the_same_and_the_addresses() -> None:
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(whole(busy_scene(), width=120))
    text = console.file.getvalue()  # type: ignore[attr-defined]

    for told in ("★ v3 promoted", "cleaner", "http://p1/docs", "Dead letters", "none"):
        assert told in text


def test_without_the_catalog_no_batch_is_said_to_be_in_training_and_no_lag_made_up() -> (
    None
):
    console = Console(width=120, file=io.StringIO(), color_system=None)
    unknown = unseen(Whereabouts(kafka="k:9092"))
    console.print(whole(replace(busy_scene(), unknown=unknown), width=120))
    told = console.file.getvalue()  # type: ignore[attr-defined]

    assert "not known without the catalog" in told
    assert "lightgbm, 3 of 4" not in told
    assert not re.search(r"^Lag ", told, re.MULTILINE)
    assert "lag: no address is known: RELEVO_LAG_WATCHER names it" in told


def test_status_says_why_a_batch_is_held() -> None:
    scene = busy_scene()
    why = "90 % are positive"
    scene.story.add(result(Stage.TRAINED, 2, Verdict.HELD, after=9, seconds=1, reason=why))
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(whole(scene, width=120))
    told = console.file.getvalue()  # type: ignore[attr-defined]

    assert re.search(f"Held +batch 2: {why}", told), told


def test_status_says_what_the_champion_was_worth_on_the_newest_batch_he_met() -> None:
    scene = busy_scene()
    known: dict[str, JsonValue] = {
        "champion_version": "2",
        "figure": "roc_auc",
        "live": 0.66,
        "champion": 0.68,
    }
    met = result(Stage.TRAINED, 3, Verdict.KEPT, after=99, seconds=1, statistics=known)
    scene.story.add(met)
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(whole(scene, width=120))
    told = console.file.getvalue()  # type: ignore[attr-defined]

    assert re.search(r"Live +batch 3: version 2 had ROC-AUC 0.660 on it", told), told


def test_without_an_answer_of_kafka_nothing_is_told_that_only_kafka_knows() -> None:
    console = Console(width=120, file=io.StringIO(), color_system=None)
    scene = Scene(story=Story(), now=NOW, unknown={"events": "no Kafka answers"})
    console.print(whole(scene, width=120))
    told = console.file.getvalue()  # type: ignore[attr-defined]

    assert "Unknown  events: no Kafka answers" in told
    for row in ("Champion", "Serving", "Dead letters"):
        assert row not in told


def test_status_tells_what_was_mended_and_what_only_a_person_can_mend() -> None:
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(whole(busy_scene(), width=120))
    told = console.file.getvalue()  # type: ignore[attr-defined]

    assert "3 announcements, 1 bundle: see the logs" in told
    assert "the champion of diabetes130 has seen less than what serves" in told
    assert as_json(busy_scene())["mended"] == {"announcement": 3, "bundle": 1}


def test_status_as_json_has_plain_values_and_no_secrets() -> None:
    values = as_json(busy_scene())

    batches = values["batches"]
    assert isinstance(batches, list)
    first, refused = batches[0], batches[3]
    assert isinstance(first, dict)
    assert isinstance(refused, dict)
    assert first["verdict"] == "promoted"
    assert first["served_by"] == ["pod-1", "pod-2"]
    assert first["training"]["test"] == 0.67  # type: ignore[index, call-overload]
    assert first["training"]["figure"] == "roc_auc"  # type: ignore[index, call-overload]
    assert first["training"]["seconds"] == 5.0  # type: ignore[index, call-overload]
    assert refused["refusal"] == "refused by the ingestor: empty"
    assert values["up"] is True
    assert values["addresses"]["catalog_url"] is None  # type: ignore[index, call-overload]


class BrokenView(View):
    """Fails at everything."""

    def open(self) -> None:
        raise OSError("the terminal is gone")

    def tell(self, line: Line) -> None:
        raise OSError

    def show_request(self, intro: str, scene: Scene) -> None:
        raise OSError

    def draw(self, scene: Scene) -> None:
        raise OSError

    def close(self, scene: Scene | None) -> None:
        raise OSError


def test_a_view_that_fails_is_replaced_by_a_simpler_one_which_says_so() -> None:
    output = io.StringIO()
    views = Views([BrokenView(), PlainView(Console(file=output, width=200))])

    views.show(lambda view: view.open())
    line = Line(datetime.now(UTC), "batch 1", "15,000 rows stored")
    views.show(lambda view: view.tell(line))

    failure, told = output.getvalue().splitlines()
    assert "this view failed (OSError: the terminal is gone)" in failure
    assert told.endswith("batch 1: 15,000 rows stored")


def test_without_any_view_nothing_is_shown_and_nothing_breaks() -> None:
    views = Views([BrokenView(), BrokenView()])

    views.show(lambda view: view.open())
    views.show(lambda view: view.draw(busy_scene()))
    views.show(lambda view: view.close(None))


def test_plain_lines_are_never_wrapped_and_the_request_can_be_pasted() -> None:
    output = io.StringIO()
    view = PlainView(Console(file=output, width=40))

    view.tell(Line(NOW, "batch 2", "word " * 30))
    scene = busy_scene()
    view.show_request(
        "Ask it:", replace(scene, where=replace(scene.where, console="http://c"))
    )

    line, _, console, _, intro, _, command, _ = output.getvalue().splitlines()
    assert console == "Console  http://c"
    assert line.endswith("word " * 30)
    assert intro == "Ask it:"
    assert [command] == curls("http://p1", ["diabetes130"])


def test_the_request_is_the_one_of_the_readme(pytestconfig: pytest.Config) -> None:
    readme = (pytestconfig.rootpath / "README.md").read_text()
    body = readme.split("/predict -H")[1].split("'\n")[1].split("'")[0]

    assert json.loads(body) == example_of("diabetes130")


def test_the_row_in_work_is_in_sight_however_small_the_terminal_and_many_the_batches() -> (
    None
):
    scene = busy_scene()
    for number in range(6, 12):
        scene.story.add(samples.released(number))
        scene.story.add(happened(samples.raw(number)))
        scene.story.add(happened(samples.clean(number)))
    door = "http://127.0.0.1:8000"
    where = replace(scene.where, console=door, inference=(door, door), mlflow=door)
    scene = replace(scene, where=where, state=Path("/home/somebody/projects/x/.relevo"))

    for size in ((80, 24), (120, 40)):
        picture = "\n".join(shown(scene, *size))
        assert re.search(r"\n5 +\S+ .* [◐◓◑◒] 11 s · lightgbm, 3", picture), picture
        assert re.search(r"\n11 .* waits for its turn", picture), picture


def test_no_figure_is_cut_in_eighty_columns() -> None:
    story = Story(pods=2)
    for event in (
        samples.raw(1),
        samples.promoted("1", 1),
        samples.served("pod-1", "1", 1),
        samples.served("pod-2", "1", 1, after=75.2),
    ):
        story.add(happened(event))
    story.add(replace(samples.schedule(2), next_due=NOW + timedelta(seconds=290)))

    picture = "\n".join(shown(Scene(story=story, now=NOW), 80, 24))

    assert "2 of 2 1 min 15 s" in picture
    assert "in 5 min" in picture


def test_the_request_is_never_cut_and_a_shell_reads_it_as_one() -> None:
    scene = replace(busy_scene(), state=Path("/home/somebody/projects/x/.relevo"))

    picture = shown(scene, 80, 24)

    [first] = [at for at, line in enumerate(picture) if "curl" in line]
    asked = "\n".join(line.rstrip() for line in picture[first : first + 2])
    assert shlex.split(asked.replace("\\\n", ""))[1:] == [
        *("curl", "-s", "p1/predict", "-H", "Content-Type: application/json"),
        *("-d", "@/home/somebody/projects/x/.relevo/example.json"),
    ]


def test_the_console_comes_first_and_mlflow_may_still_be_coming_while_pods_answer() -> None:
    where = Whereabouts(mlflow="http://m", console="http://c", inference=("http://p1",))
    story = Story()
    story.add(Door("pod", "http://p1", answers=True))
    story.add(Door("MLflow", "http://m", answers=False, reason="refused"))
    scene = Scene(story=story, now=NOW, where=where)

    _, console, *others = shown(scene, 80, 24)
    picture = "\n".join(others)

    assert console.split() == ["Console", "http://c"]
    assert "http://m  is still coming" in picture
    assert "1 of 1 pods answer, and wait for a first model" in picture


def test_what_is_counted_takes_a_few_plain_lines() -> None:
    output = io.StringIO()
    view = PlainView(Console(file=output, width=80))

    for count in range(1, 48):
        text = f"getting Kafka: {count} of 47 jars"
        view.tell(Line(NOW, "kafka", text, counted=(count, 47)))

    told = [line.split(": ")[-1] for line in output.getvalue().splitlines()]
    assert told == [f"{count} of 47 jars" for count in (1, 12, 24, 36, 47)]
