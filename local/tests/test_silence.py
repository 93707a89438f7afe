"""How long a process has not answered, and that a sleep of the machine is no silence."""

from relevo_local.supervising.silence import Silence


def asked(silence: Silence, *answers: bool, passed: float = 3.0) -> Silence:
    for answered in answers:
        silence.note(answered=answered, passed=passed)
    return silence


def test_one_late_answer_is_no_silence_and_is_asked_for_again_soon() -> None:
    silence = asked(Silence(60), True, False)

    assert not silence.is_one
    assert silence.pause < Silence(60).pause


def test_a_silence_lasts_until_an_answer_and_is_over_at_its_limit() -> None:
    silence = asked(Silence(60), True, *[False] * 19)
    assert silence.is_one
    assert silence.seconds == 57
    assert not silence.is_over

    assert asked(silence, False).is_over
    assert not asked(silence, True).is_one
    assert silence.seconds == 0


def test_an_hour_in_which_the_machine_slept_counts_as_one_question() -> None:
    silence = asked(Silence(60), False, False, passed=3600.0)

    assert silence.is_one
    assert not silence.is_over


def test_without_a_limit_a_silence_is_told_and_never_over() -> None:
    silence = asked(Silence(0), *[False] * 1000)

    assert silence.is_one
    assert not silence.is_over
