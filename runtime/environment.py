"""The settings of this process's environment, or a message for each that is wrong."""

import difflib
import os
from collections.abc import Mapping

from pydantic import ValidationError

from runtime.settings import PREFIX, Settings, variable


class SettingsError(Exception):
    """Settings are wrong: one line for each, with what would be right."""


def load_settings() -> Settings:
    """The settings of this process's environment. Raises SettingsError."""
    problems = unknown_variables(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [_problem(detail["loc"], detail["msg"]) for detail in error.errors()]
        raise SettingsError("\n".join(problems)) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """One line for each DAYBOOK_ variable that is no setting, naming the nearest that is."""
    known = [variable(field) for field in Settings.model_fields]
    return [
        f"{name} is no setting{_nearest(name, known)}"
        for name in sorted(environment)
        if name.upper().startswith(PREFIX) and name not in known
    ]


def _problem(place: tuple[int | str, ...], message: str) -> str:
    """Without the value, which may be a password. A message about several settings names them."""
    sentence = message.removeprefix("Value error, ")
    return f"{variable(str(place[0]))}: {sentence}" if place else sentence


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name.upper(), known, n=1)
    return f"; did you mean {near[0]}?" if near else "; docs/settings.md lists them all"
