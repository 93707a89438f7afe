"""The template as it is sent to AWS, and as Python sees it."""

import json
from importlib.resources import files
from typing import Any

import yaml

CODE = "lambda_power.py"
LONGEST_CODE = 4096
"""Characters that CloudFormation takes inline."""


def body() -> str:
    """The template's text with the functions' code where their ZipFile names it.

    JSON's strings are YAML's: so the code becomes one line.
    """
    code = _file(CODE)
    if len(code) > LONGEST_CODE:
        raise ValueError(f"{CODE} has {len(code)} characters, AWS takes {LONGEST_CODE}")
    return _file("template.yaml").replace(
        f"{{ZipFile: {CODE}}}", f"{{ZipFile: {json.dumps(code)}}}"
    )


def parsed() -> dict[str, Any]:
    """The template as a dict; `!Ref X` is {"Ref": "X"}, `!Sub X` is {"Fn::Sub": "X"}."""
    template: dict[str, Any] = yaml.load(_file("template.yaml"), _Loader)  # noqa: S506
    return template


def defaults() -> dict[str, str]:
    """The parameters that have a default, with it."""
    return {
        name: str(parameter["Default"])
        for name, parameter in parsed()["Parameters"].items()
        if "Default" in parameter
    }


def _file(name: str) -> str:
    return (files("relevo_aws") / name).read_text()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            raise ValueError(f"!{suffix} of a mapping")
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
