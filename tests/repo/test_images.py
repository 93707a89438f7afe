"""Every service is an image of its own, made like its siblings from uv.lock."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
DOCKERFILES = sorted(
    [*ROOT.glob("services/*/Dockerfile"), *ROOT.glob("images/*/Dockerfile")]
)
LONGEST = 30


def named(path: Path) -> str:
    return path.parent.name


def test_the_dockerfiles_of_services_are_alike_but_for_the_name() -> None:
    shapes = {
        (ROOT / "services" / name / "Dockerfile")
        .read_text()
        .replace('"{}"'.format(name.replace("-", "_")), "MODULE")
        .replace(name, "NAME")
        for name in SERVICES
    }

    assert len(shapes) == 1


@pytest.mark.parametrize("path", DOCKERFILES, ids=named)
def test_an_image_is_short_locked_and_runs_as_nobody_special(path: Path) -> None:
    text = path.read_text()
    run = re.split(r"\n\n(?=FROM)", text)[1]

    assert len(text.splitlines()) <= LONGEST
    assert re.findall(r"uv (?:sync|export) (\S+)", text)[-1] in {"--locked", "--frozen"}
    assert "gcc" not in run
    assert "uv" not in run
    assert "\nUSER 10001\n" in run
    for label in ("source", "version", "revision"):
        assert f"org.opencontainers.image.{label}=$" in run


@pytest.mark.parametrize("path", DOCKERFILES, ids=named)
def test_the_images_are_made_with_the_uv_of_the_makefile(path: Path) -> None:
    found = re.search(
        r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )

    assert found
    assert f"astral-sh/uv:{found[1]} " in path.read_text()


@pytest.mark.parametrize("name", SERVICES)
def test_no_other_services_source_makes_an_image_anew(name: str) -> None:
    text = (ROOT / "services" / name / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)

    assert copied == ["pyproject.toml uv.lock", "packages", f"services/{name}"]
    assert "ls relevo_bundles/native.*.so" in text, (
        "without it pods are slow and nobody knows"
    )
