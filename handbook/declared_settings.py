"""Every variable that our code reads, found in the `settings.py` of each member."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

ROOT = Path(__file__).parents[1]
# by folder, so that a new service is found without being named
SERVICES = sorted(ROOT.glob("services/*/src/*/settings.py"))
SHARED = sorted(ROOT.glob("packages/*/src/**/settings.py"))
COMMAND = ROOT / "cli/src/relevo/settings.py"
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}
WORDS |= {Path: "path", SecretStr: "secret"}
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


@dataclass(frozen=True)
class Variable:
    """One variable as people set it; default: as they would write it, or in words."""

    name: str
    type: str
    default: str
    meaning: str


def module_of(file: Path) -> ModuleType:
    """The module of a member's file below its folder `src`."""
    below = file.relative_to(next(p for p in file.parents if p.name == "src"))
    return import_module(".".join(below.with_suffix("").parts))


def classes(file: Path) -> list[type[BaseSettings]]:
    """The settings that a file itself declares, in its order."""
    module = module_of(file)
    found = [v for v in vars(module).values() if isinstance(v, type)]
    return [
        each
        for each in found
        if issubclass(each, BaseSettings) and each.__module__ == module.__name__
    ]


def variables(settings: type[BaseSettings]) -> Iterator[Variable]:
    """What the class itself declares. Raises ValueError for a field without meaning."""
    prefix = settings.model_config.get("env_prefix", "")
    for name in settings.__annotations__:
        if name not in settings.model_fields:
            continue
        field = settings.model_fields[name]
        if not field.description:
            where = f"{settings.__module__}.{settings.__qualname__}.{name}"
            raise ValueError(f"{where} has no description: docs/settings.md needs it")
        variable = str(field.validation_alias or f"{prefix}{name}").upper()
        meaning = field.description.rstrip(".")
        yield Variable(variable, _type(field), _default(field), meaning)


def _type(field: FieldInfo) -> str:
    bounds = {
        bound: f"{getattr(each, bound):g}"
        for each in field.metadata
        for bound in BOUNDS
        if getattr(each, bound, None) is not None
    }
    told = [f"{BOUNDS[bound]} {value}" for bound, value in bounds.items()]
    if bounds.keys() == {"ge", "le"}:
        told = [f"{bounds['ge']} to {bounds['le']}"]
    return ", ".join([_words(field.annotation), *told])


def _words(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin in (Union, UnionType):
        return " or ".join(_words(each) for each in inner if each is not NoneType)
    if origin is tuple:
        return "texts, separated by commas"
    if origin is dict:
        return "JSON"
    return WORDS.get(annotation, "text")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory or field.default is PydanticUndefined:
        return "found at the start"
    if "secret" in _words(field.annotation) or field.default in (None, "", ()):
        return "none"
    if isinstance(field.default, tuple):
        return f"`{','.join(map(str, field.default))}`"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if isinstance(field.default, float):
        return f"`{field.default:g}`"
    return f"`{field.default}`"
