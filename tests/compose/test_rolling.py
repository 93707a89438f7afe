"""Pods are replaced one by one, and never fewer answer than before."""

import pytest

from compose.rolling import Pod, RollError, roll


class FakePods:
    """Pods of which a new one is ready at the third look; notes how many answer, ever."""

    def __init__(self, *, old: int, current: int = 0, are_ready: bool = True) -> None:
        self.pods = [Pod(f"old-{n}", f"old-{n}", False, True) for n in range(old)]
        self.pods += [
            Pod(f"current-{n}", f"current-{n}", True, True) for n in range(current)
        ]
        self.looks = {pod.id: 3 for pod in self.pods}
        self.are_ready = are_ready
        self.never_ready = False
        self.counts: list[int] = []

    def there(self) -> list[Pod]:
        self.counts.append(sum(map(self._answers, self.pods)))
        return list(self.pods)

    def have(self, count: int) -> None:
        while len(self.pods) < count:
            name = f"new-{len(self.looks)}"
            self.pods.append(Pod(name, name, True, True))
            self.looks[name] = 0

    def is_ready(self, pod: Pod) -> bool:
        self.looks[pod.id] += 1
        return self.are_ready and self._answers(pod)

    def is_alive(self, pod: Pod) -> bool:
        return True

    def is_at_the_door(self, pod: Pod) -> bool:
        return True

    def remove(self, pod: Pod) -> None:
        self.pods.remove(pod)

    def _answers(self, pod: Pod) -> bool:
        return self.looks[pod.id] >= 3 and not (self.never_ready and pod.id[:3] == "new")

    def rolled(self, wanted: int) -> list[str]:
        roll(self, wanted, lambda _: None, seconds=5, wait=lambda _: None)
        return [pod.id for pod in self.pods]


def test_old_pods_go_one_by_one_once_a_new_one_answers() -> None:
    pods = FakePods(old=3)

    assert all(name.startswith("new") for name in pods.rolled(3))
    assert len(pods.pods) == 3
    assert min(pods.counts) == 3


def test_pods_that_are_current_stay() -> None:
    assert FakePods(old=0, current=3).rolled(3) == ["current-0", "current-1", "current-2"]


@pytest.mark.parametrize("wanted", [1, 2, 5])
def test_there_are_as_many_as_are_wanted(wanted: int) -> None:
    pods = FakePods(old=1, current=2)

    assert len(pods.rolled(wanted)) == wanted
    assert min(pods.counts) >= min(wanted, 3)
    assert "old-0" not in {pod.id for pod in pods.pods}


def test_pods_without_a_first_model_need_not_have_one() -> None:
    pods = FakePods(old=2, are_ready=False)

    assert all(name.startswith("new") for name in pods.rolled(2))


def test_a_new_pod_that_does_not_become_ready_goes_and_the_old_ones_stay() -> None:
    pods = FakePods(old=2)
    pods.never_ready = True

    with pytest.raises(RollError, match="was not ready after 5 s and is removed"):
        pods.rolled(2)
    assert [pod.id for pod in pods.pods] == ["old-0", "old-1"]


def test_a_pod_that_has_ended_is_replaced() -> None:
    pods = FakePods(old=0, current=1)
    pods.pods.append(Pod("dead", "dead", True, False))
    pods.looks["dead"] = 0

    assert "dead" not in pods.rolled(2)
    assert len(pods.pods) == 2
