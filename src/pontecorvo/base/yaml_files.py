"""YAML read safely, and pydantic's complaints turned into one sentence."""

import math
import os
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

from .errors import InputError, brief, one_line, suggest

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


def a_word(value: Any) -> Any:
    """What YAML made of a word: a bare ``no`` is False to it; capitals do not count."""
    return "no" if value is False else (value.lower() if isinstance(value, str) else value)


MOST_BYTES = 4_000_000
"""Largest YAML file that is read."""
MOST_NODES = 200_000
"""Most values of a file, each alias counted as all that it stands for."""
DEEPEST = 60
"""Most levels of a file."""


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses repeated keys and reads 1e-5 as a number, as people write it.

    Whole numbers with a leading zero, or with colons, are refused: YAML 1.1 reads 010 as 8 and 1:30
    as 90, YAML 1.2 does not, and neither is what is meant.
    """

    levels = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node, unless it lies too deep; said at once and not when the stack is full."""
        self.levels += 1
        if self.levels > DEEPEST:
            raise yaml.YAMLError(f"it is more than {DEEPEST} levels deep")
        try:
            return super().compose_node(parent, index)
        finally:
            self.levels -= 1


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        name = "<<" if key.tag == "tag:yaml.org,2002:merge" else loader.construct_object(key)
        try:
            if name in seen:
                raise yaml.YAMLError(f"key {brief(name)} stands twice")
            seen.add(name)
        except TypeError:
            raise yaml.YAMLError(f"key {brief(name)} is no text or number") from None
    return loader.construct_mapping(node, deep=True)


def _plain_number(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    text = str(node.value)
    if ":" in text or re.match(r"[-+]?0[0-9_]", text):
        raise yaml.YAMLError(
            f"number {brief(text)}: leading zeros and colons are not allowed, write it in digits, "
            f"or in quotes if it is text; line {node.start_mark.line + 1}"
        )
    read = loader.construct_yaml_int if node.tag.endswith("int") else loader.construct_yaml_float
    found: int | float = read(node)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", _plain_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _plain_number)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+0123456789."),
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?0[0-9_]+$"), list("-+0")
)  # 08 too, which YAML 1.1 takes for text


def _check_size(node: yaml.Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Values and levels below a node with its aliases written out; nothing is built yet.

    Raises:
        yaml.YAMLError: If there are too many, or an alias holds itself.
    """
    if id(node) in known:
        if known[id(node)] == (0, 0):
            raise yaml.YAMLError("an alias holds itself")
        return known[id(node)]
    known[id(node)] = (0, 0)
    below: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        below = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        below = node.value
    found = [_check_size(part, known) for part in below]
    size = 1 + sum(count for count, _ in found)
    depth = 1 + max((levels for _, levels in found), default=0)
    if size > MOST_NODES:
        raise yaml.YAMLError(f"it holds more than {MOST_NODES} values, aliases written out")
    if depth > DEEPEST:
        raise yaml.YAMLError(f"it is more than {DEEPEST} levels deep")
    known[id(node)] = (size, depth)
    return size, depth


def _parsed(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping in UTF-8, with or without a byte-order mark.

    Raises:
        InputError: If the file is absent, no regular file, too large or deep, not YAML, or not a
            mapping.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            what = "is a folder" if os.path.isdir(path) else "is no regular file"
            raise InputError(f"{path}: cannot be read ({what}); give a YAML file")
        if os.path.getsize(path) > MOST_BYTES:
            raise InputError(f"{path}: is above {MOST_BYTES // 10**6} MB; give a smaller YAML file")
        content = _parsed(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        # ValueError: a date that is none, a number of thousands of digits
        reason = one_line(error, 300)
        raise InputError(f"{path}: is not valid YAML ({reason})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold a mapping of settings, 'name: value' on each line")
    return content


def parse_yaml(text: str, where: str) -> dict[str, Any]:
    """A mapping from text, by the rules of `read_yaml`.

    Args:
        text: The YAML.
        where: What it comes from, for messages.

    Raises:
        InputError: If it is no YAML, or no mapping.
    """
    try:
        content = _parsed(text)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"{where}: is not valid YAML ({one_line(error, 300)})") from None
    if not isinstance(content, dict):
        raise InputError(f"{where}: must hold a mapping, 'name: value' on each line")
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
        place = one_line(".".join(str(part) for part in first["loc"]), 200)
        raise InputError(f"{where}: {_sentence(schema, place, first)}") from None


def _sentence(schema: type[BaseModel], place: str, error: Any) -> str:
    kind, message, value = error["type"], error["msg"], error.get("input")
    if kind == "extra_forbidden":
        allowed = _fields(schema, error["loc"][:-1])
        return f"{place} is unknown; {suggest(str(error['loc'][-1])[:100], allowed)}"
    if kind == "missing":
        return f"{place} is missing"
    if kind == "invalid_key":
        return f"{place}: the names of settings must be text"
    if kind in ("model_type", "dict_type"):
        return f"{place}: {brief(value)} is not allowed (give a mapping, 'name: value')"
    message = message.removeprefix("Value error, ")
    if kind == "value_error":
        return f"{place}: {message}" if place else message
    return f"{place}: {brief(value)} is not allowed ({message[0].lower() + message[1:]})"


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
