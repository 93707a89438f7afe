"""What is told of sources: one that answers strangely, one that has mended a batch."""

from relevo_contracts import SourceSeen
from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import samples
from relevo_story.telling.samples import happened, result
from relevo_story.telling.story import Story
from relevo_story.telling.timeline import Timeline


def test_a_refused_batch_that_its_source_has_mended_is_told_as_a_second_try() -> None:
    story = Story()
    refused = result(Stage.RAW, 4, Verdict.REFUSED, after=0.3, seconds=0.1, reason="half")
    mended = samples.raw(4, after=9).model_copy(update={"attempt": 2})

    facts = (samples.released(4), refused, happened(mended), happened(mended))
    lines = [line for fact in facts for line in story.add(fact)]

    assert [line.text for line in lines] == [
        "refused by the ingestor: half",
        "15,000 rows stored at try 2, as its source has mended it, 9.0 s after its release",
    ]
    [batch] = story.batches
    assert (batch.refusal, batch.raw.state, batch.stage) == (None, "done", Stage.CLEAN)


def test_a_source_that_answers_in_another_form_is_not_told_as_one_that_is_away() -> None:
    seen = SourceSeen(
        source="pima",
        status="unavailable",
        is_strange=True,
        reason="no list of records: <html>",
        since=samples.START,
        seen_at=samples.START,
        valid_until=samples.START,
    )

    entry = Timeline(Story()).entry(happened(seen))

    assert entry.text == (
        "the data source answers in another form than it should: no list of records: <html>"
    )
    assert entry.tone == "bad"
