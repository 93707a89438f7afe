"""The memory that a process may have is the least that any group of it allows."""

from pathlib import Path

import pytest

from relevo_runtime.http.memory import memory_limit

MACHINE = memory_limit(Path("/nowhere"), Path("/nowhere"))


@pytest.mark.parametrize(
    ("ours", "files", "limit"),
    [
        ("0::/\n", {"memory.max": "536870912\n"}, 2**29),
        ("0::/\n", {"memory.max": "max\n"}, MACHINE),
        ("0::/pods/a\n", {"pods/a/memory.max": "max", "pods/memory.max": "1024"}, 1024),
        ("0::/pods/a\n", {"pods/b/memory.max": "1024"}, MACHINE),
        ("4:memory:/docker/x\n", {"memory/memory.limit_in_bytes": "2048"}, 2048),
        ("4:cpu,memory:/a\n", {"memory/a/memory.limit_in_bytes": "512"}, 512),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": str(2**63 - 4096)}, MACHINE),
        ("", {}, MACHINE),
    ],
)
def test_the_least_limit_counts(
    tmp_path: Path, ours: str, files: dict[str, str], limit: int
) -> None:
    for name, text in files.items():
        file = tmp_path / "groups" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    own = tmp_path / "own"
    own.write_text(ours)

    assert memory_limit(tmp_path / "groups", own) == limit
    assert MACHINE > 2**28
