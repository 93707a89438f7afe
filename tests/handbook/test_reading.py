"""The tutorial is read as a person reads it."""

import pytest

from tests.repo.files import ROOT
from tests.tutorial.reading import Step, steps


def test_each_box_of_the_tutorial_is_a_step_or_its_answer() -> None:
    page = (ROOT / "docs/tutorial.md").read_text()
    found = list(steps(page))

    assert page.count("\n```") == 2 * (len(found) + sum(bool(s.answer) for s in found))
    assert {step.terminal for step in found} == {"first terminal", "second terminal"}


def test_an_answer_is_compared_except_for_what_differs_from_day_to_day() -> None:
    step = Step(1, "second terminal", "ask", '{"version":"2",…"pod":"…"}\n…\nbye\n')

    assert step.is_answered_by('> {"version":"2","at":"7","pod":"a"}\nand more\nbye\n')
    assert not step.is_answered_by('{"version":"3","at":"7","pod":"a"}\nand more\nbye\n')


def test_a_box_that_nobody_would_type_is_refused_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"line 3: a block python 'second terminal'"):
        list(steps('# T\n\n```python title="second terminal"\n1\n```\n'))
