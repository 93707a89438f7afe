"""The story: facts in, sentences and rows out."""

from datetime import datetime, timedelta

import pytest
from pydantic import JsonValue

from relevo_contracts import SourceSeen
from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import figures, samples
from relevo_story.telling.facts import Fact, Illegible, Line, Place, Said
from relevo_story.telling.samples import at, batch_id, happened, result
from relevo_story.telling.story import Story
from relevo_story.telling.timeline import Timeline

FIRST: dict[str, JsonValue] = {
    "task": "binary",
    "figure": "roc_auc",
    "algorithm": "lightgbm",
    "validation": 0.652,
    "test": 0.6422,
    "model_version": "1",
    "z": 11.2,
}
BETTER: dict[str, JsonValue] = {
    "task": "binary",
    "figure": "roc_auc",
    "algorithm": "lightgbm",
    "validation": 0.668,
    "test": 0.6715,
    "champion": 0.6422,
    "model_version": "2",
    "champion_version": "1",
    "difference": 0.0021,
    "z": 3.24,
}
IS_BETTER = (
    "is better than champion v1 beyond noise: ROC-AUC 0.6715 against 0.6422 (z 3.24)"
)
BEATS_CHANCE = "beats chance beyond noise: ROC-AUC 0.6422 against 0.5000 (z 11.20)"
SEVEN_CLASSES: dict[str, JsonValue] = {
    "task": "multiclass",
    "figure": "accuracy",
    "algorithm": "hist_gradient_boosting",
    "validation": 0.71,
    "model_version": "1",
}
A_NUMBER: dict[str, JsonValue] = {
    "task": "regression",
    "figure": "r2",
    "algorithm": "ridge",
    "validation": 0.43,
    "champion_version": "4",
}
OLD: dict[str, JsonValue] = {
    "algorithm": "lightgbm",
    "validation_auc": 0.668,
    "test_auc": 0.6715,
    "model_version": "2",
    "champion_version": "1",
    "difference": 0.0293,
    "z": 3.24,
}
"""As the version before noted a training."""


def told(story: Story, *facts: Fact) -> list[str]:
    lines: list[Line] = []
    for fact in facts:
        lines += story.add(fact)
    return [f"{line.subject}: {line.text}" for line in lines]


def test_a_batch_is_told_from_its_release_to_its_model() -> None:
    story = Story(pods=2)
    clean = samples.clean(2)

    assert told(
        story,
        samples.released(2),
        happened(samples.raw(2)),
        result(Stage.CLEAN, 2, after=1.1, seconds=0.6, event=clean),
        happened(clean),
        result(
            Stage.TRAINED,
            2,
            Verdict.PROMOTED,
            after=8,
            seconds=6,
            statistics=BETTER,
            reason=IS_BETTER,
        ),
        happened(samples.promoted("2", 2, before="1")),
        happened(samples.served("pod-2", "2", 2, after=9.5)),
        happened(samples.served("pod-1", "2", 2, after=9.8)),
    ) == [
        "batch 2: 15,000 rows stored, 0.4 s after its release",
        "batch 2: cleaned 14,690 of 15,000 rows in 0.6 s",
        "batch 2: lightgbm (ROC-AUC 0.668 on validation) is better than champion v1 beyond"
        " noise: ROC-AUC 0.6715 against 0.6422 (z 3.24); promoted as version 2",
        "champion: version 2, learned from 2 batches (before: version 1)",
        "pods: pod-1 and pod-2 serve version 2, 9.8 s after the batch was released",
    ]


def test_what_comes_twice_is_told_once() -> None:
    story = Story()
    facts: list[Fact] = [
        happened(samples.raw(1)),
        result(Stage.RAW, 1, after=0.4, seconds=0.2, event=samples.raw(1)),
        result(Stage.TRAINED, 1, Verdict.PROMOTED, after=8, seconds=6, statistics=FIRST),
        happened(samples.promoted("1", 1)),
        happened(samples.served("pod-1", "1", 1)),
        samples.buried(1, "wrong"),
        Illegible(Place("model.served", 0, 1), at(1, 0), "no body"),
    ]

    assert len(told(story, *facts)) == 6
    assert told(story, *facts) == []


@pytest.mark.parametrize(
    ("verdict", "statistics", "reason", "sentence"),
    [
        (
            Verdict.PROMOTED,
            FIRST,
            BEATS_CHANCE,
            "lightgbm (ROC-AUC 0.652 on validation) beats chance beyond noise: ROC-AUC"
            " 0.6422 against 0.5000 (z 11.20); promoted as version 1",
        ),
        (
            Verdict.KEPT,
            BETTER,
            "did not see b-0002, which champion v1 saw",
            "lightgbm (ROC-AUC 0.668 on validation) did not see b-0002, which champion v1"
            " saw; version 1 stays",
        ),
        (
            Verdict.KEPT,
            FIRST,
            "does not beat chance beyond noise",
            "lightgbm (ROC-AUC 0.652 on validation) does not beat chance beyond noise; no"
            " model is promoted",
        ),
        (
            Verdict.PROMOTED,
            SEVEN_CLASSES,
            "beats the shares of the classes beyond noise: accuracy 0.7112 against 0.4876",
            "hist_gradient_boosting (accuracy 0.710 on validation) beats the shares of the"
            " classes beyond noise: accuracy 0.7112 against 0.4876; promoted as version 1",
        ),
        (
            Verdict.KEPT,
            A_NUMBER,
            "is not better than champion v4 beyond noise: R² 0.4310 against 0.4300",
            "ridge (R² 0.430 on validation) is not better than champion v4 beyond noise:"
            " R² 0.4310 against 0.4300; version 4 stays",
        ),
        (
            Verdict.PROMOTED,
            OLD,
            IS_BETTER,
            f"lightgbm {IS_BETTER}; promoted as version 2",
        ),
        (Verdict.PROMOTED, {}, None, "trained in 6.0 s; promoted"),
        (
            Verdict.KEPT,
            {"champion_version": 3},
            None,
            "trained in 6.0 s; version 3 stays",
        ),
    ],
)
def test_a_verdict_is_told_in_the_trainers_words_and_with_its_figures_name(
    verdict: Verdict, statistics: dict[str, JsonValue], reason: str | None, sentence: str
) -> None:
    fact = result(
        Stage.TRAINED, 1, verdict, after=8, seconds=6, statistics=statistics, reason=reason
    )

    assert told(Story(), fact) == [f"batch 1: {sentence}"]


def test_a_refused_batch_says_who_refused_it_and_why_and_waits_for_nothing_more() -> None:
    story = Story()
    refused = result(
        Stage.RAW, 4, Verdict.REFUSED, after=0.3, seconds=0.1, reason="no column 'race'"
    )

    lines = told(story, samples.released(4), refused)

    [batch] = story.batches
    assert lines == ["batch 4: refused by the ingestor: no column 'race'"]
    assert batch.verdict == "refused"
    assert batch.refusal == "refused by the ingestor: no column 'race'"
    assert [batch.state(stage) for stage, _ in batch.steps] == [
        "refused",
        "waiting",
        "waiting",
    ]


def test_a_batch_works_at_the_first_stage_that_is_not_done() -> None:
    story = Story()
    states = []
    for fact in (samples.released(1), happened(samples.raw(1)), happened(samples.clean(1))):
        story.add(fact)
        [batch] = story.batches
        states.append([batch.state(stage) for stage, _ in batch.steps])

    assert states == [
        ["working", "waiting", "waiting"],
        ["done", "working", "waiting"],
        ["done", "done", "working"],
    ]


def test_a_pod_that_stays_behind_does_not_hold_the_story_up() -> None:
    story = Story(pods=2)
    story.add(happened(samples.promoted("1", 1)))

    assert told(story, happened(samples.served("pod-1", "1", 1))) == []
    assert story.pass_time(at(1, 9.8) + timedelta(seconds=1)) == []
    [line] = story.pass_time(at(1, 9.8) + timedelta(seconds=5))
    assert line.text == "pod-1 serves version 1, 9.8 s after the batch was released"
    assert told(story, happened(samples.served("pod-2", "1", 1, after=60))) == []
    [late] = story.pass_time(at(1, 70))
    assert late.text == "pod-2 serves version 1, 1 min 0 s after the batch was released"


def test_a_pod_that_came_back_is_no_new_swap() -> None:
    story = Story(pods=1)
    story.add(happened(samples.promoted("1", 1)))
    story.add(happened(samples.served("pod-1", "1", 1)))

    again = happened(samples.served("pod-1", "1", 1, after=100))

    assert told(story, again) == ["pods: pod-1 serves version 1 again, loaded in 0.3 s"]
    assert story.batches == []
    assert story.pods["pod-1"]["diabetes130"].served_at == at(1, 100)


def test_a_pod_that_refuses_a_version_says_why_and_what_it_goes_on_with() -> None:
    refusal = samples.served("pod-1", "2", 2, refused="golden row 3 differs")

    assert told(Story(), happened(refusal)) == [
        "pods: pod-1 refused version 2 and serves no model yet: golden row 3 differs"
    ]


def test_going_back_to_an_older_version_is_told_as_that() -> None:
    story = Story(pods=1)
    for offset, version, number in ((0, "1", 1), (1, "2", 2)):
        story.add(happened(samples.promoted(version, number), offset=offset))
        story.add(happened(samples.served("pod-1", version, number)))

    # offset 0: the topic was made anew
    back = happened(samples.promoted("1", 1, before="2", after=600), id="back")
    swap = happened(samples.served("pod-1", "1", 1, after=300, promotion="back"))

    assert told(story, back, swap) == [
        "champion: version 1 again, learned from 1 batch (before: version 2)",
        "pods: pod-1 serves version 1",
    ]
    assert [champion.version for champion in story.champions] == ["1"]


def test_the_newest_promotion_is_the_one_with_the_highest_offset() -> None:
    story = Story()
    story.add(happened(samples.promoted("3", 5), offset=7))
    story.add(happened(samples.promoted("2", 2), offset=3))

    assert [champion.version for champion in story.champions] == ["3"]


def test_a_batch_knows_its_way_and_how_long_it_took_until_every_pod_answered() -> None:
    story = Story(pods=2)
    for event in (
        samples.raw(1),
        samples.clean(1),
        samples.promoted("1", 1),
        samples.served("pod-1", "1", 1, after=9.2),
        samples.served("pod-2", "1", 1, after=9.8),
    ):
        story.add(happened(event))

    [batch] = story.batches
    assert batch.answered_after == pytest.approx(9.8)
    assert story.way(batch_id(1)) == (
        "released › raw +0.4 s › clean +1.1 s › v1 +8.9 s › pod-1, pod-2 +9.8 s"
    )


def test_dead_letters_tell_where_they_lie_and_what_became_of_the_message() -> None:
    story = Story()
    story.add(samples.released(3))

    assert told(
        story,
        samples.buried(3, "wrong hash"),
        samples.buried(3, "wrong columns", offset=1, fetched=True),
    ) == [
        "batch 3: cleaner gave up message batch.raw 2 14: wrong hash; kept as dead letter"
        " batch.raw.dead 0 0",
        "batch 3: ingestor refused what the source sent: wrong columns; kept as dead letter"
        " batch.raw.dead 0 1",
    ]


def test_a_refused_batchs_dead_letter_does_not_repeat_the_reason() -> None:
    story = Story()
    refused = result(
        Stage.CLEAN, 3, Verdict.REFUSED, after=1, seconds=0.5, reason="too much text"
    )

    assert told(
        story, refused, samples.buried(3, "batch 3 was refused: too much text")
    ) == [
        "batch 3: refused by the cleaner: too much text",
        "batch 3: kept as dead letter batch.raw.dead 0 0",
    ]


def test_a_figure_of_another_form_than_expected_breaks_nothing() -> None:
    odd = result(
        Stage.TRAINED,
        1,
        Verdict.PROMOTED,
        after=8,
        seconds=6,
        statistics={"z": "many", "figure": 7, "test": None, "candidates": "none"},
    )

    assert told(Story(), odd) == ["batch 1: trained in 6.0 s; promoted"]


def test_a_process_speaks_for_itself() -> None:
    said = Said(at(1, 0), "kafka", "ready after 1.2 s")

    assert told(Story(), said) == ["kafka: ready after 1.2 s"]


def test_a_long_reason_is_one_readable_line() -> None:
    pydantics = (
        "not a CloudEvent: 2 validation errors for Envelope\nid\n  Field required"
        " [type=missing, input_value={}, input_type=dict]\n    For further information"
        " visit https://errors.pydantic.dev/2.14/v/missing\ntime\n  Field required"
    )

    assert figures.reason(pydantics) == (
        "not a CloudEvent: 2 validation errors for Envelope id Field required"
        " time Field required"
    )
    assert len(figures.reason("why " * 1_000)) == 240


def test_a_message_that_becomes_a_dead_letter_is_told_by_the_letter_alone() -> None:
    story = Story()
    illegible = Illegible(Place("batch.raw", 2, 14), at(1, 0), "no event")

    assert told(story, illegible) == []
    assert len(told(story, samples.buried(1, "no event"))) == 1
    assert len(story.buried) + len(story.illegible) == 1


@pytest.mark.parametrize(
    ("duration", "text"),
    [(0.04, "0.04 s"), (0.64, "0.6 s"), (9.84, "9.8 s"), (59.9, "1 min 0 s"),
     (125, "2 min 5 s"), (12_000, "3 h 20 min"), (176_400, "2 d 1 h")],
)  # fmt: skip
def test_a_duration_is_told_in_the_units_of_people(duration: float, text: str) -> None:
    assert figures.seconds(duration) == text


@pytest.mark.parametrize(
    ("reason", "asleep_until", "told"),
    [
        (None, None, "the data source is available"),
        ("no answer", None, "the data source is away: no answer"),
        ("no answer", samples.START, "the data source sleeps by plan until "),
    ],
)
def test_a_source_that_sleeps_by_plan_is_not_told_as_one_that_is_away(
    reason: str | None, asleep_until: datetime | None, told: str
) -> None:
    seen = SourceSeen(
        source="diabetes130",
        status="unavailable" if reason else "available",
        reason=reason,
        asleep_until=asleep_until,
        since=samples.START,
        seen_at=samples.START,
        valid_until=samples.START,
    )

    entry = Timeline(Story()).entry(happened(seen))

    assert entry.text.startswith(told)
    assert (entry.tone == "bad") == (told.startswith("the data source is away"))
