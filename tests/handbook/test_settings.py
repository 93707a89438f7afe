"""What docs/settings.md says of a variable, and that nothing is said of a secret."""

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from handbook.declared_settings import variables


class Greeting(BaseSettings):
    """What a service might read."""

    model_config = SettingsConfigDict(env_prefix="greeter_")

    port: int = Field(default=80, ge=0, le=65535, description="where it listens.")
    pace: float | None = Field(default=None, gt=0, description="between two")
    key: SecretStr = Field(default=SecretStr("rosebud"), description="of the door")
    name: str = Field(description="whom", validation_alias="WHOM")


class Silent(BaseSettings):
    """What says nothing of its field."""

    port: int = 80


def test_a_variable_is_told_as_people_set_it() -> None:
    port, pace, _, name = variables(Greeting)

    assert (port.name, port.type, port.default) == (
        "GREETER_PORT",
        "whole number, 0 to 65535",
        "`80`",
    )
    assert (pace.type, pace.default) == ("number, > 0", "none")
    assert port.meaning == "where it listens"
    assert (name.name, name.default) == ("WHOM", "required")


def test_a_secrets_default_is_not_shown() -> None:
    key = next(each for each in variables(Greeting) if each.name == "GREETER_KEY")

    assert (key.type, key.default) == ("secret", "none")


def test_a_field_without_a_meaning_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"Silent\.port has no description"):
        list(variables(Silent))
