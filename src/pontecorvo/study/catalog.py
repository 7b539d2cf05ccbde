"""Problems and studies by name, from YAML files, and from a model's own Python file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.errors import InputError, suggest
from ..base.float_errors import own_float_errors
from ..base.yaml_files import checked, read_yaml
from ..core.problem import Preset, Problem
from ..core.registry import DEFAULT, PROBLEMS, find_problem, problem_names, registered
from .study import Study

_YAML = (".yaml", ".yml")


def find_preset(name: str) -> tuple[Preset, dict[str, Any], str, Path | None]:
    """A study by its name, its YAML file, or its model's file; nothing is built yet.

    Returns:
        The preset, the settings that the name or file gives beside it, where they stand (for
        messages), and the folder that relative paths in them mean.

    Raises:
        InputError: For an unknown name, or a file that cannot be read.
    """
    if name.endswith(".py"):
        from ..core.model_file import load_model_file

        return load_model_file(Path(name)), {}, name, None
    if name in registered(PROBLEMS) and name != DEFAULT:
        return find_problem(name), {}, name, None
    if not (name.endswith(_YAML) or os.path.isfile(name)):
        what = "is a folder" if os.path.isdir(name) else "is unknown"
        raise InputError(
            f"study {name!r} {what}; {suggest(name, problem_names())}, or the path of a YAML file "
            "or of a model's Python file"
        )
    content, folder = read_yaml(Path(name)), Path(name).parent
    kind = content.pop("study", DEFAULT)
    if isinstance(kind, str) and kind.endswith(".py"):
        from ..core.model_file import load_model_file

        return load_model_file(folder / kind), content, name, folder
    if kind != DEFAULT or kind not in registered(PROBLEMS):
        kind = str(kind)
        if kind not in problem_names():
            raise InputError(
                f"{name}: study {kind!r}; {suggest(kind, problem_names())}, or the path of a "
                "model's Python file"
            )
    return find_problem(kind), content, name, folder


def load_problem(name: str, changes: Mapping[str, Any] | None = None) -> Problem:
    """A problem with every setting in force.

    Args:
        name: A registered study, the path of a YAML file, or of a model's Python file.
        changes: Settings that take the place of the study's own; None leaves a setting as it is,
            and a mapping changes a section, such as ``{"training": {"steps": 1000}}``.

    Raises:
        InputError: For an unknown name, or settings that are not allowed.
    """
    preset, content, where, folder = find_preset(name)
    content = {**_merged(preset.settings, content), "study": preset.problem.kind}
    try:
        settings = checked(
            preset.problem.Settings,
            _merged(content, _given(changes or {})),
            where,
            folder,
        )
        problem = preset.problem(settings)
        _ = problem.target  # refuse what cannot be built here, with the file's name
        return problem
    except InputError as error:
        raise _named(error, where) from None
    except Exception as error:
        kind = preset.problem.kind
        if not kind.endswith(".py"):  # a fault of ours, not of a user's file
            raise
        from ..core.model_file import failed

        raise failed(Path(kind), "builds its target", error) from error


@own_float_errors
def load_study(name: str, **changes: Any) -> Study:
    """Build a study from its name, from a YAML file, or from a model's Python file.

    Args:
        name: As for `load_problem`.
        **changes: Settings that take the place of the study's own, such as ``draws=1000``; None
            leaves a setting as it is.

    Raises:
        InputError: For an unknown name, or settings that are not allowed.
    """
    problem = load_problem(name, changes)
    try:
        return Study.of(problem)
    except InputError as error:
        raise _named(error, name) from None


def _named(error: InputError, where: str) -> InputError:
    """The same sentence, with the name of the study or file in front."""
    prefix = "" if str(error).startswith(where) else f"{where}: "
    return InputError(f"{prefix}{error}")


def _given(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes less those that are None, in sections too."""
    result = {}
    for key, value in changes.items():
        if isinstance(value, Mapping):
            inside = _given(value)
            if inside or not value:
                result[key] = inside
        elif value is not None:
            result[key] = value
    return result


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """The second's settings over the first's, sections entry by entry."""
    result = dict(first)
    for key, value in second.items():
        if isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = _merged(result[key], value)
        else:
            result[key] = value
    return result
