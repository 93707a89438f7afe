"""A declaration that cannot be understood is refused: by file, key and remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relevo_datasets import (
    Dataset,
    DeclarationError,
    Derivation,
    dataset_named,
    names,
    read_declaration,
)

Declared = Callable[..., Dataset]

BINARY = (
    'column = "price"\ntask = "regression"',
    'column = "price"\ntask = "binary"\n'
    'classes = [{ label = "cheap" }, { label = "dear", value = "1" }]',
)
LAST = 'categories = ["red", "green"]\n'


def refusal(declared: Declared, *changes: tuple[str, str]) -> str:
    """What is said of the declaration, without the name of its file."""
    with pytest.raises(DeclarationError) as caught:
        declared(*changes)
    file, _, told = str(caught.value).partition(": ")
    assert file.endswith("small.toml")
    return told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("missing =", "misssing =", "misssing: nobody knows this key; did you mean 'missi"),
        ("missing =", "colours =", "colours: nobody knows this key; did you mean 'columns"),
        ("missing =", "zzz =", "zzz: nobody knows this key; remove it"),
        ("minimum", "mimimum", "features: no. 1 (size): mimimum: nobody knows this key; d"),
        ('title = "A small table"', "", "title: is required; add it"),
        ('kind = "number"', "", "features: no. 1 (size): kind: is required; add it"),
        ('kind = "number"', 'kind = "float"', "features: no. 1 (size): kind: Input should"),
        ('missing = ["?"]', 'missing = "?"', "missing: Input should be a valid tuple"),
        ('name = "size"', "", "features: no. 1: give it a `name`, or for several alike"),
        ("= 0", '= "none"', "features: no. 1 (size): minimum: Input should be a valid num"),
        ('["red", "green"]', '["red", 7]', "features: no. 2 (colour): categories: no. 2: "),
        ('task = "regression"', 'task = "ranking"', "targets: no. 1: task: Input should b"),
        ("name = ", "name == ", "not TOML: "),
        ('name = "small"', 'name = "tall"', "name: it is 'tall': call the file tall.toml"),
        ('name = "small"', 'name = "Small"', "name: it is 'Small': call the file Small"),
        ('"colour", "price"', '"price"', "columns: 'colour' is not among them, and some"),
        ('"key",', '"key", "key",', "columns 'key' comes twice"),
        ('"size"\nkind', '"colour"\nkind', "features: the name 'colour' comes twice"),
        ('"size"\nkind', '"s"\nraw = "colour"\nkind', "features: the column 'colour' come"),
        ('"size"\nkind', '"s"\nraw = "price"\nkind', "features: 's' is read from the targ"),
        ('"size"\nkind', '"group"\nraw = "key"\nkind', "features: 'group': relevo's own t"),
        ("minimum = 0", "minimum = 3\nmaximum = 2", "features: 'size': minimum: 3 is more"),
        ("minimum = 0", "closed = true", "features: 'size': closed: means nothing for num"),
        ("minimum = 0", 'pattern = "x"', "features: 'size': pattern: means nothing for nu"),
        ("minimum = 0", "minimum = 0\nrequired = false", "features: 'size': required: wit"),
        ("minimum = 0", "minimum = 0\ndefault = -1", "features: 'size': default: -1.0 is"),
        ("minimum = 0", 'minimum = 0\nnull_means = "x"', "features: 'size': null_means: '"),
        (LAST, "closed = true\n", "features: 'colour': closed: list its `categories`, or"),
        (LAST, "minimum = 0\n", "features: 'colour': minimum: means nothing for category"),
        (LAST, 'pattern = "["\n', "features: 'colour': pattern: is no regular expression:"),
        (LAST, 'categories = ["red", "?"]\n', "features: 'colour': categories: '?' would"),
        (LAST, 'categories = ["red "]\n', "features: 'colour': categories: 'red ' would b"),
        ("nullable = true\n" + LAST, 'categories = [""]\n', "features: 'colour': categori"),
        (LAST, LAST + "[example]\nsise = 1\n", "example: 'sise' is no feature; there are:"),
        (LAST, LAST + "[example]\nsize = -1\n", "example: 'size' is out of range; it take"),
        (LAST, LAST + "[example]\ncolour = 'red'\n", "example: 'size' has no value; it ta"),
        (LAST, LAST + "[examples.odd]\nsize = -1\n", "examples: 'odd': 'size' is out"),
        ("missing =", 'slices = ["age"]\nmissing =', "slices: 'age' is no feature; there"),
        (
            LAST,
            LAST + '[[outside]]\nfeature = "age"\nwords = ["1"]\nreason = "old"\n',
            "outside: 'age' is no feature; there are: size, colour",
        ),
        (
            LAST,
            LAST + '[[derivations]]\nname = "size"\nfeature = "colour"\nwords = {}\n',
            "derivations: the name 'size' comes twice",
        ),
        ("minimum = 0\n", "", None),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_file_its_key_and_a_remedy(
    declared: Declared, old: str, new: str, told: str | None
) -> None:
    if told is None:
        assert declared((old, new)).name == "small"
    else:
        assert refusal(declared, (old, new)).startswith(told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (', { label = "dear", value = "1" }', "", "targets: 'price': a binary target has"),
        ("binary", "multiclass", "targets: 'price': a multiclass target has three classes"),
        ("binary", "regression", "targets: 'price': a regression has no classes"),
        ('value = "1"', 'words = ["cheap "]', "targets: 'price': the word 'cheap' comes t"),
        ('value = "1"', 'value = "cheap", words = ["x"]', "targets: 'price': the value 'c"),
        ('label = "cheap"', 'lable = "cheap"', "targets: no. 1: classes: no. 1: lable: no"),
        (
            '[[features]]\nname = "size"',
            '[[targets]]\ncolumn = "price"\ntask = "regression"\n\n'
            '[[features]]\nname = "size"',
            "targets: two have one name: give each its own `name`",
        ),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_is_refused(
    declared: Declared, old: str, new: str, told: str
) -> None:
    assert refusal(declared, BINARY, (old, new)).startswith(told)


def test_a_class_is_known_by_its_words_else_its_value_else_its_label(
    declared: Declared,
) -> None:
    classes = declared(BINARY).default_target.classes

    assert [(each.value, each.words) for each in classes] == [
        ("cheap", ("cheap",)),
        (1, ("1",)),
    ]


def test_too_many_classes_are_refused_with_a_guess(declared: Declared) -> None:
    many = ", ".join(f'{{ label = "{n}" }}' for n in range(101))
    task = 'task = "regression"'

    told = refusal(declared, (task, f'task = "multiclass"\nclasses = [{many}]'))

    assert "at most 100; are they numbers, and the task a regression?" in told


def test_codes_alone_cannot_be_learned_from(declared: Declared) -> None:
    told = refusal(
        declared,
        ('kind = "number"\nminimum = 0', 'kind = "code"'),
        ('kind = "category"\nnullable = true\n' + LAST, 'kind = "code"\n'),
    )

    assert told == "features: none can be learned from; codes alone cannot"


def test_several_features_that_are_alike_are_declared_once(declared: Declared) -> None:
    one = 'name = "size"\nkind = "number"\nminimum = 0'
    alike = 'columns = ["size", "key"]\nkind = "number"\ndescription = "{column} {in cm}"'

    dataset = declared((one, alike))

    assert [feature.name for feature in dataset.features] == ["size", "key", "colour"]
    assert dataset.feature("key").description == "key {in cm}"


def test_a_path_is_relative_to_the_declaration(declared: Declared, tmp_path: Path) -> None:
    dataset = declared((LAST, LAST + '[source]\npath = "rows/small.csv"\nbatch_rows = 7\n'))

    assert dataset.source.path == tmp_path / "rows" / "small.csv"
    assert dataset.source.batch_rows == 7


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('kind = "cursor"', r"source: url: .*'cursor' needs it: add url = \"http"),
        ('kind = "group"\nurl = "ftp://x"', r"source: url: 'ftp://x' is none .* as \"http"),
        ('kind = "folder"\nurl = "http://x"', r"url: means nothing .*'folder': remove it"),
        ('kind = "kafka"', "source: topic: .* needs it: add topic ="),
        ('kind = "bucket"\nurl = "http://x"', r"write it as \"s3://bucket/prefix\""),
        ("every = 4", "every: a numbered source says itself"),
        ('kind = "carrier pigeon"', "source: kind: Input should be 'numbered'"),
        ('kind = "cursor"\nurl = "http://x"\nbatchrows = 3', "did you mean 'batch_rows'"),
    ],
)
def test_a_source_that_cannot_be_is_told_with_its_key_and_a_remedy(
    declared: Declared, source: str, told: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"small\.toml: .*{told}"):
        declared((LAST, f"{LAST}[source]\n{source}\n"))


def test_a_source_of_another_kind_has_its_address_and_its_pace(declared: Declared) -> None:
    said = 'kind = "group"\nurl = "http://h/data?group_number=3"\nevery = 300'

    source = declared((LAST, f"{LAST}[source]\n{said}\n")).source

    assert (source.kind, source.every) == ("group", 300)
    assert source.url == "http://h/data?group_number=3"


def test_without_columns_they_are_all_that_are_named(declared: Declared) -> None:
    columns = 'columns = ["key", "size", "colour", "price"]'

    dataset = declared((columns, 'ignored = ["note"]\nrows = { id = "key" }'))

    assert dataset.raw_columns == ("key", "size", "colour", "price", "note")
    assert dataset.ignored == ("key", "price", "note")


def test_those_that_ship_are_there_and_a_name_that_is_not_lists_them() -> None:
    assert names() == ("covertype", "diabetes130", "pima")
    with pytest.raises(
        KeyError, match="no dataset 'diabetes131'; there are: covertype, dia"
    ):
        dataset_named("diabetes131")


def test_a_folder_of_one_s_own_adds_datasets_and_may_replace_one(
    declared: Declared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared()
    text = (tmp_path / "small.toml").read_text()
    (tmp_path / "pima.toml").write_text(text.replace('name = "small"', 'name = "pima"'))
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path))

    assert names() == ("covertype", "diabetes130", "pima", "small")
    assert dataset_named("pima").title == "A small table"
    assert dataset_named("small").raw_columns[0] == "key"


def test_a_declaration_that_changes_is_read_again(
    declared: Declared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared()
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path))
    assert dataset_named("small").title == "A small table"

    declared(("A small table", "Another"))

    assert dataset_named("small").title == "Another"


def test_a_folder_of_one_s_own_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path / "none"))

    with pytest.raises(DeclarationError, match="none: no such folder; it is to hold"):
        names()


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"nowhere.toml: No such file"):
        read_declaration(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b'title = "caf\xe9"')
    with pytest.raises(DeclarationError, match="not TOML"):
        read_declaration(tmp_path / "latin.toml")


def test_a_python_file_of_the_same_name_adds_what_is_special(
    declared: Declared, tmp_path: Path
) -> None:
    (tmp_path / "small.py").write_text(
        "from dataclasses import replace\n"
        "from relevo_datasets import Derivation\n"
        "def special(dataset):\n"
        "    hue = Derivation(name='hue', feature='colour', words={'red': 'warm'})\n"
        "    return replace(dataset, derivations=(hue,))\n"
    )

    assert declared().derivations == (
        Derivation(name="hue", feature="colour", words={"red": "warm"}),
    )


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("special = ", "special(dataset): SyntaxError("),
        ("import nothing_of_that_name", "special(dataset): ModuleNotFoundError("),
        ("", "special(dataset): AttributeError("),
        ("def special(dataset): 1 / 0", "special(dataset): ZeroDivisionError("),
        ("def special(dataset): pass", "special(dataset): is to return a Dataset"),
    ],
)
def test_a_broken_python_file_is_told_by_its_name(
    declared: Declared, tmp_path: Path, program: str, told: str
) -> None:
    (tmp_path / "small.py").write_text(program)

    with pytest.raises(DeclarationError) as caught:
        declared()

    assert str(caught.value).startswith(f"{tmp_path / 'small.py'}: {told}")


def test_what_a_python_file_makes_is_checked_too(
    declared: Declared, tmp_path: Path
) -> None:
    (tmp_path / "small.py").write_text(
        "from dataclasses import replace\n"
        "def special(dataset):\n"
        "    return replace(dataset, slices=('nowhere',))\n"
    )

    assert "slices: 'nowhere' is no feature" in refusal(declared)
