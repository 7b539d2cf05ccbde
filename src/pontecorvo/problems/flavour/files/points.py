"""Points from files of any kind that is known here: SLHA, ULYSSES, YAML, JSON, CSV.

YAML and JSON hold observables by name (``delta_cp_deg`` and the like are degrees), or a seesaw:
``Y_re``, ``Y_im`` (rows e, mu, tau), ``M`` in GeV and ``vev``. CSV has a column an observable and a
row a point.
"""

import json
from collections.abc import Mapping
from math import radians
from pathlib import Path
from typing import Any

import numpy as np

from ....base.errors import InputError, suggest
from ....base.tables import read_table
from ....base.yaml_files import parse_yaml
from ..measurements.quantities import declared
from ..nufit import Ordering
from .point import Point, complete
from .slha import plain_number, read_text_file, shown
from .slha_point import read_slha_point
from .ulysses import read_ulysses_point

_SEESAW = ("Y_re", "Y_im", "M", "vev")
_KNOWN = [*declared("no"), "m1", "m2", "m3"]


def read_points(path: Path | str, ordering: Ordering | None = None) -> list[Point]:
    """The points of a file; one, but for CSV.

    Args:
        path: The file.
        ordering: What the caller says of the mass ordering; a file that says otherwise is refused.

    Raises:
        InputError: One sentence with the file and what is wrong in it.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".csv":
        points = _from_csv(path)
    elif kind in (".yaml", ".yml", ".json"):
        points = [_from_mapping(path)]
    else:
        text = read_text_file(path, "a point: SLHA, a ULYSSES card, YAML, JSON or CSV")
        lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
        first = next((words[0].upper() for words in lines if words), "")
        if first == "BLOCK":
            points = [read_slha_point(path)]
        else:
            points = [read_ulysses_point(path, ordering or "no")]
    for point in points:
        _settle_ordering(point, ordering, path)
    return points


def _settle_ordering(point: Point, asked: Ordering | None, path: Path) -> None:
    splitting = point.observables.get("dm2_3l", point.observables.get("dm2_31"))
    if point.ordering is None and splitting is not None:
        point.ordering = "no" if splitting > 0 else "io"
    if asked is not None and point.ordering not in (None, asked):
        raise InputError(
            f"{path}: the point has ordering {point.ordering}, not {asked}; "
            "give the ordering of the point"
        )
    point.ordering = point.ordering or asked or "no"


def _observable(name: str, value: Any, where: str) -> tuple[str, float]:
    degrees = name.endswith("_deg")
    name = name.removesuffix("_deg")
    if name not in _KNOWN:
        raise InputError(f"{where}: observable {name!r} is unknown; {suggest(name, _KNOWN)}")
    found = plain_number(value)
    if found is None:
        raise InputError(f"{where}: {name}: {shown(value)} is not a finite number")
    if degrees and declared("no").get(name) and declared("no")[name].unit != "rad":
        raise InputError(f"{where}: {name} is no angle; leave out _deg")
    return name, radians(found) if degrees else found


def _from_mapping(path: Path) -> Point:
    text = read_text_file(path, "a point")
    content: Any
    if path.suffix.lower() == ".json":
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}: is not valid JSON ({error})") from None
        if not isinstance(content, Mapping):
            raise InputError(f"{path}: must hold an object of observables")
    else:
        content = parse_yaml(text, str(path))
    content = content.get("observables", content)
    if not isinstance(content, Mapping):
        raise InputError(f"{path}: observables must be a mapping, 'name: value'")
    if "M" in content or "Y_re" in content:
        return _seesaw(content, path)
    found = dict(_observable(str(name), value, str(path)) for name, value in content.items())
    if not found:
        raise InputError(f"{path}: holds no observable; allowed: {', '.join(_KNOWN)}")
    return Point(found)


def _seesaw(content: Mapping[str, Any], path: Path) -> Point:
    for name in content:
        if name not in _SEESAW:
            raise InputError(f"{path}: {name!r} is unknown; {suggest(str(name), list(_SEESAW))}")
    for name in ("Y_re", "M"):
        if name not in content:
            raise InputError(f"{path}: {name} is missing; a seesaw has {', '.join(_SEESAW)}")
    real = _array(content["Y_re"], (3, 3), f"{path}: Y_re")
    zero = np.zeros((3, 3)).tolist()
    imaginary = _array(content.get("Y_im", zero), (3, 3), f"{path}: Y_im")
    heavy = _array(content["M"], (3,), f"{path}: M")
    vev = _array(content.get("vev", 174.1), (), f"{path}: vev")
    if not (heavy > 0).all() or not vev > 0:
        raise InputError(f"{path}: the heavy masses and vev must be positive, in GeV")
    try:
        return complete(Point({}, None, real + 1j * imaginary, heavy, float(vev)))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _array(value: Any, shape: tuple[int, ...], where: str) -> np.ndarray:
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{where}: must be numbers, {_words(shape)}") from None
    if array.shape != shape or not np.isfinite(array).all():
        raise InputError(f"{where}: must be finite numbers, {_words(shape)}")
    return array


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) if shape else "one"


def _from_csv(path: Path) -> list[Point]:
    table = read_table(path)
    points = []
    for row_number, row in enumerate(table.rows(), 1):
        where = f"{path}: row {row_number}"
        content = {
            name: value if isinstance(value, str) else float(value) for name, value in row.items()
        }
        points.append(Point(dict(_observable(n, v, where) for n, v in content.items())))
    return points
