"""`relevo dataset`: a stranger's table is declared, and tried, without any platform."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from relevo.app import build_app

ROWS = 300


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that one is in, and no settings of a platform."""
    for name in [name for name in os.environ if name.startswith("RELEVO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), ["dataset", *arguments])


def loans(path: Path, *, header: bool = True, grade: str = "A") -> None:
    """A table of loans: an amount, a grade, whether they were paid back."""
    lines = ["amount,grade,paid"] if header else []
    lines += [
        f"{n % 90 + 10},{'AB'[n % 2]},{'yes' if n % 3 else 'no'}" for n in range(ROWS)
    ]
    path.write_text("\n".join(lines).replace(",A,", f",{grade},") + "\n")


def test_a_draft_says_what_it_decided_what_to_look_at_and_what_is_next(
    folder: Path,
) -> None:
    loans(folder / "loans.csv")

    result = run("new", "loans.csv")

    assert result.exit_code == 0, result.stderr
    told = " ".join(result.stdout.split())
    assert "loans.csv: 300 rows → loans.toml" in told
    assert "target paid, binary: no, yes" in told
    assert "features 2: 1 integer, 1 category" in told
    assert "batches 3 of 100 rows at most" in told
    assert "read 300 of 300 rows fit" in told
    assert "the last column, 'paid', is taken for the target" in told
    assert "next: relevo dataset check loans.toml" in told
    assert "RELEVO_DATASETS=. relevo up --dataset loans" in told


def test_the_setting_is_not_told_again_to_who_has_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loans(folder / "loans.csv")
    monkeypatch.setenv("RELEVO_DATASETS", str(folder))

    result = run("new", "loans.csv", "--name", "mine")

    assert " relevo up --dataset mine" in result.stdout
    assert "RELEVO_DATASETS" not in result.stdout


def test_a_draft_goes_where_it_is_told_and_finds_its_rows_from_there(folder: Path) -> None:
    loans(folder / "loans.csv")
    (folder / "own").mkdir()

    assert run("new", "loans.csv", "--out", "own").exit_code == 0

    assert 'path = "../loans.csv"' in (folder / "own" / "loans.toml").read_text()
    assert run("check", "own/loans.toml").exit_code == 0


def test_a_copy_is_told_with_its_reason(folder: Path) -> None:
    loans(folder / "loans.csv")
    text = (folder / "loans.csv").read_text()
    (folder / "other.csv").write_text(text.replace(",", ";"))

    result = run("new", "other.csv")

    assert "other.parquet, since values are parted by ';'" in result.stdout
    assert (folder / "other.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ("new nowhere.csv", 2, "nowhere.csv: no such file"),
        ("new loans.csv --out nowhere", 2, "nowhere: no such folder"),
        ("new loans.csv --target price", 2, "no column 'price'; there are: amount, grade"),
        ("new loans.csv --name Loans", 2, "name: 'Loans' is none: a small letter"),
        ("new bare.csv", 2, "--no-header says so; --header says that it is one"),
        ("new loans.csv --name there", 1, "there.toml is there already and stays as it is"),
        ("check nosuch", 2, "no dataset 'nosuch'; there are: covertype, diabetes130, pima"),
        ("check nosuch.toml", 2, "nosuch.toml: No such file"),
        ("check broken.toml", 2, "broken.toml: titel: nobody knows this key; did you mean"),
        ("check pima", 1, "pima does not say where its rows are: name a FILE"),
        ("check pima .", 2, "is a folder: name one of its files"),
        ("check pima loans.csv", 1, "not a table of pima: missing columns"),
        ("check pima bare.csv --no-header", 2, "bare.csv has 3 columns, not 9"),
        (
            "check there.toml uneven.csv",
            1,
            "every row must have 3 values, but line 2 has 2",
        ),
    ],
)
def test_an_error_is_one_line_that_helps_and_an_exit_code(
    folder: Path, arguments: str, code: int, text: str
) -> None:
    loans(folder / "loans.csv")
    loans(folder / "bare.csv", header=False)
    run("new", "loans.csv", "--name", "there")
    (folder / "broken.toml").write_text('titel = "?"')
    (folder / "uneven.csv").write_text("amount,grade,paid\n1,A\n")

    result = run(*arguments.split())

    assert result.exit_code == code, result.stdout
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert text in result.stderr


def test_a_file_that_fits_passes_and_one_that_does_not_is_told_row_by_row(
    folder: Path,
) -> None:
    loans(folder / "loans.csv")
    loans(folder / "later.csv", grade="a")
    run("new", "loans.csv")

    good = run("check", "loans.toml")
    bad = run("check", "loans.toml", "later.csv", "--rows", "2")

    assert good.exit_code == 0
    assert "every batch would pass the quality gate" in good.stdout
    assert bad.exit_code == 1
    assert "300 rows in 3 batches: 150 can be read, 150 cannot" in bad.stdout
    assert "line 2: grade 'a' is none of its words; did you mean 'A'?" in bad.stdout
    assert "line 4: grade 'a'" in bad.stdout
    assert "and 148 more" in bad.stdout
    assert "batch 3 would be refused" in bad.stdout


def test_words_that_nobody_knows_are_told_with_their_share(folder: Path) -> None:
    loans(folder / "loans.csv")
    run("new", "loans.csv")
    text = (folder / "loans.toml").read_text()
    (folder / "loans.toml").write_text(text.replace("closed = true\n", ""))
    loans(folder / "later.csv", grade="a")

    told = run("check", "loans.toml", "later.csv").stdout

    assert "50.0%" in told
    assert "'a'; did you mean 'A'?" in told


def test_a_file_without_a_header_is_taken_by_position(folder: Path) -> None:
    loans(folder / "loans.csv")
    loans(folder / "bare.csv", header=False)
    run("new", "loans.csv")
    assert run("new", "bare.csv", "--no-header", "--name", "bare").exit_code == 0

    assert run("check", "bare.toml").exit_code == 0, "its declaration says so"
    told = run("check", "loans.toml", "bare.csv", "--no-header")
    assert "300 can be read, 0 cannot" in told.stdout


def test_those_that_ship_and_one_s_own_are_listed_broken_ones_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loans(folder / "loans.csv")
    run("new", "loans.csv")
    (folder / "broken.toml").write_text('titel = "?"')
    monkeypatch.setenv("RELEVO_DATASETS", ".")

    told = run("list").stdout

    assert "covertype    Forest cover type" in told
    assert "Cover_Type, multiclass" in told
    assert "loans.csv" in "".join(told.split())  # a long path is folded
    assert "titel:nobodyknowsthiskey" in "".join(told.split())


def test_covertype_s_file_without_a_header_is_read_by_position(folder: Path) -> None:
    row = "{},100,16,150,40,618,245,216,96,1500,{},C2717,{}\n"
    rows = (row.format(2000 + n, ("Cache", "Rawah")[n % 2], n % 7 + 1) for n in range(210))
    (folder / "covtype.csv").write_text("".join(rows))

    result = run("check", "covertype", "covtype.csv", "--no-header")

    assert result.exit_code == 0, result.stdout
    assert "210 rows in 1 batch: 210 can be read, 0 cannot" in result.stdout
