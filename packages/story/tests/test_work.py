"""Who works on a batch, and since when: a clock that goes on and never jumps back."""

from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import samples
from relevo_story.telling.facts import Progress
from relevo_story.telling.samples import at, batch_id, happened, result
from relevo_story.telling.story import Story
from relevo_story.telling.work import Work, works


def two_cleaned() -> Story:
    """Both wait for the trainer since their cleaning, which took 1.1 s each."""
    story = Story()
    for number in (1, 2):
        story.add(samples.released(number))
        story.add(happened(samples.raw(number)))
        story.add(happened(samples.clean(number)))
    return story


def works_in_order(story: Story) -> list[Work | None]:
    return [works(story).get(batch.id) for batch in story.batches]


def test_the_first_cleaned_batch_is_trained_and_the_next_one_waits() -> None:
    story = two_cleaned()

    assert works_in_order(story) == [Work(Stage.TRAINED, at(1, 1.1)), None]


def test_the_turn_of_the_next_one_begins_when_the_one_before_has_its_verdict() -> None:
    story = two_cleaned()
    story.add(result(Stage.TRAINED, 1, Verdict.KEPT, after=45, seconds=43))

    assert works_in_order(story) == [None, Work(Stage.TRAINED, at(1, 45))]


def test_the_trainer_says_itself_with_which_batch_it_works_and_the_clock_goes_on() -> None:
    story = two_cleaned()
    story.add(Progress({}, at(1, 4)))
    story.add(Progress({batch_id(1): "load"}, at(1, 5)))
    story.add(Progress({}, at(1, 8)))  # it was killed, and begins again
    story.add(Progress({batch_id(1): "fit ridge"}, at(1, 12)))

    assert works_in_order(story) == [Work(Stage.TRAINED, at(1, 5), "fit ridge"), None]


def test_what_began_before_anybody_looked_is_counted_from_its_turn() -> None:
    story = two_cleaned()
    for after, stages in (
        (20, {batch_id(1): "load"}),
        (25, {}),
        (30, {batch_id(1): "fit"}),
    ):
        story.add(Progress(stages, at(1, after)))

    assert works_in_order(story) == [Work(Stage.TRAINED, at(1, 1.1), "fit"), None]


def test_what_is_not_released_yet_or_was_refused_is_worked_on_by_nobody() -> None:
    story = two_cleaned()
    story.add(result(Stage.TRAINED, 1, Verdict.REFUSED, after=9, seconds=1, reason="odd"))
    story.add(samples.released(3))

    assert works_in_order(story) == [
        None,
        Work(Stage.TRAINED, at(2, 1.1)),
        Work(Stage.RAW, at(3, 0)),
    ]
