"""YAML read safely, and pydantic's complaints turned into one sentence."""

import math
import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
)

from .errors import InputError, suggest

Schema = TypeVar("Schema", bound=BaseModel)


def a_number(value: Any) -> Any:
    """The value, unless it is no finite number; to be put before pydantic's own check.

    Raises:
        ValueError: If it is none.
    """
    # Python counts True as 1, and YAML reads `yes` and `on` as True
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value


def _from_its_file(path: Path, info: ValidationInfo) -> Path:
    """A path, relative to the folder of the file that names it; see `checked`."""
    folder = (info.context or {}).get("folder")
    return path if folder is None or path.is_absolute() else Path(folder) / path


FilePath = Annotated[Path, AfterValidator(_from_its_file)]
"""A path; in a YAML file it is relative to the folder of that file."""
Number = Annotated[float, BeforeValidator(a_number), Field(allow_inf_nan=False)]
"""A finite number; true and false are none."""
Error = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False), BeforeValidator(a_number)]
"""The error of a measurement: above zero, and such that its square is a number."""
Whole = Annotated[int, BeforeValidator(a_number)]
"""A whole number; true and false are none."""


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses repeated keys and reads 1e-5 as a number, as people write it."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.YAMLError(f"key {key!r} stands twice")
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+0123456789."),
)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        InputError: If the file is absent, not YAML, or not a mapping.
    """
    try:
        content = _Loader(Path(path).read_text(encoding="utf-8")).get_single_data()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date that is none, a number of thousands of digits
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: is not valid YAML ({reason})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold a mapping of settings, 'name: value' on each line")
    return content


def checked(
    schema: type[Schema], content: dict[str, Any], where: str, folder: Path | None = None
) -> Schema:
    """Check a mapping by a schema.

    Args:
        schema: What is allowed.
        content: The mapping.
        where: The file or name that it comes from, for messages.
        folder: What relative paths (`FilePath`) in it are relative to; None: the current folder.

    Raises:
        InputError: The first complaint, as one sentence with its place and what is allowed.
    """
    try:
        return schema.model_validate(content, context={"folder": folder})
    except ValidationError as error:
        complaints = error.errors()
        # a name that is misspelt explains what is missing
        unknown = [item for item in complaints if item["type"] == "extra_forbidden"]
        first = (unknown or complaints)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where}: {_sentence(schema, place, first)}") from None


def _sentence(schema: type[BaseModel], place: str, error: Any) -> str:
    kind, message, value = error["type"], error["msg"], error.get("input")
    if kind == "extra_forbidden":
        allowed = _fields(schema, error["loc"][:-1])
        return f"{place} is unknown; {suggest(str(error['loc'][-1]), allowed)}"
    if kind == "missing":
        return f"{place} is missing"
    if kind == "invalid_key":
        return f"{place}: the names of settings must be text"
    if kind in ("model_type", "dict_type"):
        return f"{place}: {value!r} is not allowed (give a mapping, 'name: value')"
    message = message.removeprefix("Value error, ")
    if kind == "value_error":
        return f"{place}: {message}" if place else message
    return f"{place}: {value!r} is not allowed ({message[0].lower() + message[1:]})"


def _fields(schema: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Names allowed at `path` below a schema."""
    current: Any = schema
    for part in path:
        field = getattr(current, "model_fields", {}).get(part)
        annotation = field.annotation if field is not None else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        found = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if found:
            current = found[0]
    return list(current.model_fields)
