"""A batch whose stage works again is shown at it, and told once more."""

from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import samples
from relevo_story.telling.samples import happened, result
from relevo_story.telling.story import Story


def test_a_stage_that_works_again_is_at_it_until_its_next_result_is_told() -> None:
    story = Story()
    story.add(happened(samples.raw(1)))
    no = result(Stage.CLEAN, 1, Verdict.REFUSED, after=2, seconds=1, reason="empty")
    story.add(no)
    (batch,) = story.batches
    assert batch.refusal

    assert story.add(no.model_copy(update={"again": True})) == []
    assert story.add(no.model_copy(update={"again": True})) == []
    (batch,) = story.batches
    assert (batch.refusal, batch.state("clean")) == (None, "working")

    clean = samples.clean(1)
    lines = story.add(result(Stage.CLEAN, 1, after=9, seconds=1, event=clean))
    assert len(lines) == 1
    assert story.add(happened(clean)) == []
    (batch,) = story.batches
    assert (batch.refusal, batch.state("trained")) == (None, "working")
