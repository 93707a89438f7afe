"""A batch that nothing is learned from before a person has looked."""

from pydantic import JsonValue

from relevo_contracts.actions import Action, Deed
from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import sentences
from relevo_story.telling.samples import at, result
from relevo_story.telling.story import Story
from relevo_story.telling.training import read_training

HELD = result(
    Stage.TRAINED, 5, Verdict.HELD, after=3, seconds=1, reason="90 % are positive"
)
PROMOTED = result(Stage.TRAINED, 5, Verdict.PROMOTED, after=90, seconds=6)


def test_a_held_batch_is_told_once_and_its_verdict_when_it_was_released() -> None:
    story = Story()

    [line] = [*story.add(HELD), *story.add(HELD)]

    assert line.text == "held, nothing is learned from it: 90 % are positive"
    assert (line.tone, story.batches[0].held) == ("warning", "90 % are positive")

    [line] = story.add(PROMOTED)

    assert line.text == "trained in 6.0 s; promoted"
    assert story.batches[0].held is None


def test_it_waits_until_a_person_has_decided_about_it() -> None:
    story = Story()
    story.add(HELD)
    action = Action(
        id="1", at=at(5, 9), who="ana", what=Deed.REJECT, subject="diabetes130-0005"
    )

    story.add(action)
    assert [batch.number for batch in story.undecided] == [5]
    story.add(action.model_copy(update={"outcome": "done"}))

    assert story.undecided == []


def test_what_the_champion_was_worth_on_a_batch_is_told_where_there_was_one() -> None:
    figures: dict[str, JsonValue] = {"figure": "roc_auc", "live": 0.6641, "champion": 0.683}
    shares: dict[str, JsonValue] = {"live_came": 0.118, "live_said": 0.112}

    def told(**known: JsonValue) -> str | None:
        trained = result(
            Stage.TRAINED,
            5,
            Verdict.KEPT,
            after=3,
            seconds=1,
            statistics={"champion_version": "3"} | known,
        )
        return sentences.live(read_training(trained))

    assert told() is None
    assert told(**figures) == ("version 3 had ROC-AUC 0.664 on it, 0.683 on the test rows")
    assert told(**figures, **shares) == (
        f"{told(**figures)}; of a class 11.8% came, 11.2% said"
    )
