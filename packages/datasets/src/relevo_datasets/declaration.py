"""A dataset's declaration as TOML has it, and the dataset that it declares."""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from relevo_contracts import ClassWords, Feature, Target
from relevo_contracts.features import Kind
from relevo_contracts.manifest import Outside
from relevo_contracts.tasks import Task
from relevo_datasets.dataset import (
    Dataset,
    Derivation,
    Holding,
    Rows,
    Source,
    SourceKind,
)
from relevo_datasets.explaining import in_words
from relevo_features import KINDS

FIRST_WORDS = ("",)
"""What always stands where there is no value."""

ADDRESSES = {
    "cursor": ("url", '"http://host/get_data"'),
    "group": ("url", '"http://host/data?group_number=3"'),
    "folder": ("path", '"incoming"'),
    "bucket": ("url", '"s3://bucket/prefix"'),
    "kafka": ("topic", '"rows.of.mine"'),
}
"""The key that says where a source is, and how it is written; `numbered`: by setting."""

URLS = dict.fromkeys(ADDRESSES, "https?://.") | {"bucket": "s3://."}


class Table(BaseModel):
    """A table of TOML; a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DeclaredRows(Table):
    """[rows]"""

    id: str | None = None
    group: str | None = None
    repeats: Literal["quarantine", "keep"] = "quarantine"


class DeclaredSource(Table):
    """[source]"""

    kind: SourceKind = "numbered"
    path: str | None = None
    url: str | None = None
    topic: str | None = None
    batch_rows: int = Field(default=15_000, gt=0)
    every: float | None = Field(default=None, gt=0)
    header: bool = True

    @model_validator(mode="after")
    def have_an_address(self) -> Self:
        """Raises ValueError for a key that the kind needs, or has no use for."""
        needed, forms = ADDRESSES.get(self.kind, ("path", ""))
        given = [key for key in ("path", "url", "topic") if getattr(self, key) is not None]
        for key in given:
            if key != needed:
                raise ValueError(
                    f"{key}: means nothing for a source of kind {self.kind!r}: remove it,"
                    " or name another `kind`"
                )
        if self.kind in ADDRESSES and not given:
            raise ValueError(
                f"{needed}: a source of kind {self.kind!r} needs it: add {needed} = {forms}"
            )
        if self.url is not None and not re.match(URLS[self.kind], self.url):
            raise ValueError(f"url: {self.url!r} is none of this kind: write it as {forms}")
        if self.every is not None and self.kind == "numbered":
            raise ValueError(
                "every: a numbered source says itself when it is to be asked: remove it"
            )
        return self

    def as_source(self, folder: Path) -> Source:
        """The source; its path is relative to the folder."""
        path = None if self.path is None else (folder / self.path).resolve()
        return Source(**self.model_dump() | {"path": path})


class DeclaredClass(Table):
    """A class of a target; without `words`, its label or value is the source's word."""

    label: str
    value: int | str | None = None
    words: tuple[str, ...] | None = None

    def as_class(self) -> ClassWords:
        """The class; a whole number in the source's table is one in an answer too."""
        words = self.words
        if words is None:
            words = (self.label if self.value is None else str(self.value),)
        value = self.value
        if value is None:
            value = words[0]
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        return ClassWords(value=value, label=self.label, words=words)


class DeclaredTarget(Table):
    """[[targets]]"""

    column: str
    task: Task
    name: str | None = None
    classes: tuple[DeclaredClass, ...] = ()

    def as_target(self) -> Target:
        """The target; raises ValueError for classes that its task cannot have."""
        name = self.name or self.column
        classes = tuple(each.as_class() for each in self.classes)
        try:
            return Target(name=name, column=self.column, task=self.task, classes=classes)
        except ValidationError as error:
            raise ValueError(f"targets: {name!r}: {in_words(error)}") from error


class DeclaredFeature(Table):
    """[[features]]: one, or by `columns` several that are alike.

    raw: the column's name in the source; else the name. In a description {column} is it.
    """

    name: str | None = None
    columns: tuple[str, ...] = ()
    raw: str | None = None
    kind: Kind
    description: str = ""
    required: bool = True
    nullable: bool = False
    null: str | None = Field(default=None, alias="null_means")
    missing: tuple[str, ...] = ()
    default: str | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | dict[str, str] | None = None
    closed: bool = False
    pattern: str | None = None

    @model_validator(mode="after")
    def have_a_name(self) -> Self:
        """Raises ValueError unless it is one feature, or several."""
        if (self.name is None) == (not self.columns):
            raise ValueError("give it a `name`, or for several alike `columns`")
        return self

    def as_features(
        self, missing: tuple[str, ...], truths: dict[str, bool]
    ) -> list[Feature]:
        """The features. missing, truths: the words of the whole table."""
        named = {self.name: self.raw or self.name} if self.name else {}
        named |= {re.sub(r"\W", "_", column): column for column in self.columns}
        is_dict = isinstance(self.categories, dict)
        return [
            Feature(
                name=name,
                kind=self.kind,
                raw_name=raw or name,
                description=self.description.replace("{column}", raw or name) or name,
                required=self.required,
                nullable=self.nullable,
                null_means=self.null,
                missing=tuple(dict.fromkeys((*FIRST_WORDS, *missing, *self.missing))),
                default=self.default,
                minimum=self.minimum,
                maximum=self.maximum,
                categories=None if self.categories is None else tuple(self.categories),
                meanings=dict(self.categories) if is_dict else {},  # type: ignore[arg-type]
                closed=self.closed,
                truths=truths if "truths" in KINDS[self.kind].keys else {},
                pattern=self.pattern,
            )
            for name, raw in named.items()
            if name
        ]


class Declaration(Table):
    """A whole declaration. columns: the source's, in its order; else those that are named.

    missing: what stands in the table where there is no value. truths: its words for true
    and false. ignored: columns of the source that are no part of the meaning.
    """

    name: str
    title: str
    columns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    truths: dict[str, bool] = {}
    ignored: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    rows: DeclaredRows = DeclaredRows()
    source: DeclaredSource = DeclaredSource()
    targets: tuple[DeclaredTarget, ...] = Field(min_length=1)
    features: tuple[DeclaredFeature, ...] = Field(min_length=1)
    derivations: tuple[Derivation, ...] = ()
    outside: tuple[Outside, ...] = ()
    candidates: dict[str, dict[str, JsonValue]] = {}
    holding: Holding = Holding()
    example: dict[str, JsonValue] | None = None
    examples: dict[str, dict[str, JsonValue]] = {}

    def as_dataset(self, folder: Path) -> Dataset:
        """The dataset; paths in it are relative to the declaration's folder.

        Raises ValueError for targets that cannot be.
        """
        features = [
            feature
            for declared in self.features
            for feature in declared.as_features(self.missing, self.truths)
        ]
        targets = {each.name or each.column: each.as_target() for each in self.targets}
        if len(targets) < len(self.targets):
            raise ValueError("targets: two have one name: give each its own `name`")
        rows = Rows(**self.rows.model_dump(), missing=(*FIRST_WORDS, *self.missing))
        columns = self.columns or _columns(self, features, list(targets.values()))
        return Dataset(
            name=self.name,
            title=self.title,
            raw_columns=columns,
            rows=rows,
            features=tuple(features),
            targets=targets,
            derivations=self.derivations,
            outside=self.outside,
            slices=self.slices,
            candidates=self.candidates,
            holding=self.holding,
            example=self.example,
            examples=self.examples,
            source=self.source.as_source(folder),
        )


def _columns(
    declared: Declaration, features: list[Feature], targets: list[Target]
) -> tuple[str, ...]:
    rows = declared.rows
    names = [
        *(each for each in (rows.id, rows.group) if each),
        *(feature.raw_name for feature in features),
        *(target.column for target in targets),
        *declared.ignored,
    ]
    return tuple(dict.fromkeys(names))
