"""A bundle's bytes depend on its content alone, and nothing but a whole bundle is read."""

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from relevo_bundles import Bundle, write
from relevo_bundles.encoding import Matrix, Row
from relevo_bundles.samples import ROW, sample_manifest
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Golden

MANIFEST = sample_manifest()


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # two members of one name are meant
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def manifest_with(change: Callable[[dict[str, object]], object]) -> bytes:
    facts = MANIFEST.model_dump(mode="json")
    change(facts)
    return zipped(("manifest.json", json.dumps(facts).encode()))


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_its_files() -> None:
    one = write(MANIFEST, {"a.txt": b"1", "b.txt": b"2"})
    two = write(MANIFEST, {"b.txt": b"2", "a.txt": b"1"})

    assert one == two


def test_what_was_written_is_read() -> None:
    bundle = Bundle.read(write(MANIFEST, {}))

    assert bundle.manifest == MANIFEST
    assert bundle.manifest.signature_sha256 == MANIFEST.signature_sha256
    assert bundle.worst_golden_difference() == 0.0


@pytest.mark.parametrize("name", ["manifest.json", "../x.txt", "a/b.txt", "A.TXT", "x"])
def test_a_file_name_that_a_reader_would_refuse_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file"):
        write(MANIFEST, {name: b""})


def test_a_bundle_cut_short_anywhere_is_refused() -> None:
    content = write(MANIFEST, {})

    for end in range(0, len(content), 97):
        with pytest.raises(PoisonError, match="zip"):
            Bundle.read(content[:end])


def test_a_bundle_with_a_changed_byte_in_its_content_is_refused() -> None:
    content = bytearray(write(MANIFEST, {}))
    content[len(content) // 2] ^= 0xFF

    with pytest.raises(PoisonError, match="not a zip that can be read"):
        Bundle.read(bytes(content))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped(("manifest.json", b" " * 17 * 2**20))

    assert len(bomb) < 100_000
    with pytest.raises(PoisonError, match="17825792 bytes, not 16777216 at most"):
        Bundle.read(bomb)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a zip"),
        (b"PK\x03\x04 and then nothing", "not a zip"),
        (zipped(("model.treelite", b"")), "no manifest.json"),
        (zipped(("manifest.json", b"{}"), ("../up.txt", b"")), "odd member: '../up.txt'"),
        (zipped(("manifest.json", b"{}"), ("manifest.json", b"")), "two members"),
        (zipped(("manifest.json", b"{}"), *((f"f{n}.txt", b"") for n in range(16))), "17"),
        (zipped(("manifest.json", b"no JSON")), "manifest: it: Invalid JSON"),
        (zipped(("manifest.json", b"[]")), "manifest: it: Input should be an object"),
        (zipped(("manifest.json", b'{"format": 3}')), "manifest: model: Field required"),
        (zipped(("manifest.json", b"{}")), "of format None: 2 and 3 are read"),
        (manifest_with(lambda facts: facts.update(format=1)), "of format 1: 2 and 3"),
        (manifest_with(lambda facts: facts.update(format=[3])), "of format [3]: 2 and"),
        (manifest_with(lambda facts: facts.update(inputs=[])), "no inputs"),
        (manifest_with(lambda facts: facts.update(golden=[])), "golden"),
        (
            manifest_with(lambda facts: facts["golden"][0]["row"].pop("visits")),  # type: ignore[index]
            "a golden row lacks 'visits'",
        ),
        (
            manifest_with(lambda facts: facts["inputs"][0].update(feature="gone")),  # type: ignore[index]
            "made of 'gone', which is no feature",
        ),
    ],
)
def test_what_is_no_bundle_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(PoisonError, match=re.escape(reason)):
        Bundle.read(content)


def test_columns_that_the_model_cannot_take_are_refused() -> None:
    bundle = Bundle.read(write(MANIFEST, {}))

    with pytest.raises(ValueError, match="needs the feature 'age_bucket'"):
        bundle.encode({"visits": [1]})
    with pytest.raises(ValueError, match="different lengths: \\[1, 2\\]"):
        bundle.encode({**{name: [value] for name, value in ROW.items()}, "visits": [1, 2]})


def test_no_rows_give_no_answers() -> None:
    bundle = Bundle.read(write(MANIFEST, {}))

    assert bundle.answers({name: [] for name in ROW}).shape == (0, 1)


class Constant:
    """An Evaluator with one answer to everything."""

    def __init__(self, *answer: float) -> None:
        self.answer = answer

    def number(self, row: Row) -> float:
        return self.answer[0]

    def numbers(self, row: Row) -> Sequence[float]:
        return self.answer

    def answers(self, matrix: Matrix) -> Matrix:
        return np.tile(self.answer, (len(matrix), 1))


def test_an_answer_that_is_no_number_is_infinitely_wrong() -> None:
    bundle = Bundle(MANIFEST, Constant(float("nan")))

    assert bundle.worst_golden_difference() == float("inf")


def test_golden_answers_are_compared_in_every_output_and_large_ones_by_their_share() -> (
    None
):
    golden = (Golden(row=ROW, answer=(0.25, 0.5, 2e9)),)
    manifest = MANIFEST.model_copy(update={"golden": golden})

    def worst(*answer: float) -> float:
        return Bundle(manifest, Constant(*answer)).worst_golden_difference()

    assert worst(0.25, 0.5, 2e9) == 0
    assert worst(0.25, 0.75, 2e9) == 0.25
    assert worst(0.25, 0.5, 2e9 + 2) == 1e-9
