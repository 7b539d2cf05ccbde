"""The compilation github.com/nu-osc/plots: one result a YAML file, public domain (Unlicense).

A quantity there has a mode (sin^2 of the angle or of twice the angle; dm2 of which pair; degrees or
units of pi) and its uncertainty is a number, two sides, an interval, or statistical and systematic
parts, which are added in quadrature here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import hypot
from pathlib import Path
from typing import Any

from ....base.errors import InputError
from ....base.yaml_files import parse_yaml
from ....core.measurement import GaussianMeasurement, Measured
from ..measurements.library import ORDER
from ..measurements.published import observable
from ..nufit import Ordering
from .slha import plain_number, read_text_file, shown

_MODES = {
    "splitting_large": {"31": "abs_dm2_31", "32": "abs_dm2_32", "ee": "abs_dm2_ee"},
    "splitting_small": {"": "dm2_21"},
    "amplitude12": {"single": "sin2_theta12", "": "sin2_theta12"},
    "amplitude13": {"single": "sin2_theta13", "double": "sin2_2theta13"},
    "amplitude23": {"single": "sin2_theta23", "": "sin2_theta23"},
    "deltaCP": {"degrees": "delta_cp", "pi": "delta_pi"},
}
_SENSITIVITIES = ("mh", "dcp", "dcp_res", "hier")
# free text that some files leave half quoted: `dataset: "a" (A) and "b" (B)`
_HALF_QUOTED = re.compile(r'^(\s*\w+:\s*)("[^"]*"[^"#\n]*\S.*)$', re.MULTILINE)


@dataclass(frozen=True)
class CompiledNumber:
    """One number of a file, as it was published.

    Attributes:
        published: Its kind, one of `published.CONVERSIONS`.
        ordering: ``"no"``, ``"io"`` or None where it holds for both.
        central: Best value, in the unit of the kind.
        plus: Upper 1 sigma error.
        minus: Lower one.
        octant: ``"LO"``, ``"UO"`` or empty.
        preferred: Whether the file prefers it among several of its kind.
    """

    published: str
    ordering: Ordering | None
    central: float
    plus: float
    minus: float
    octant: str = ""
    preferred: bool = True


@dataclass(frozen=True)
class CompiledResult:
    """A file of the compilation.

    Attributes:
        path: Of the file.
        experiment: Name.
        kind: ``reactor``, ``accelerator``, ``theory`` ...
        estimate: Whether it is a forecast.
        reference: Date, arXiv number and the like, as they stand.
        numbers: What was measured.
        sensitivities: Other content of the result by name: curves over years (lists of numbers).
        notes: What had to be mended to read it.
    """

    path: Path
    experiment: str
    kind: str
    estimate: bool
    reference: dict[str, Any]
    numbers: tuple[CompiledNumber, ...]
    sensitivities: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def measurement(self, ordering: Ordering) -> GaussianMeasurement:
        """The preferred numbers for one ordering as a measurement, in the models' units.

        Raises:
            InputError: If the file has none.
        """
        found: dict[str, tuple[bool, Measured]] = {}
        for number in self.numbers:
            if number.ordering not in (None, ordering):
                continue
            measured = observable(
                number.published, ordering, number.central, number.plus, number.minus
            )
            if measured.name not in found or (number.preferred and not found[measured.name][0]):
                found[measured.name] = (number.preferred, measured)
        if not found:
            raise InputError(f"{self.path}: has no measured number for ordering {ordering!r}")
        quantities = [found[name][1] for name in ORDER if name in found]
        return GaussianMeasurement(quantities, source=f"{self.experiment} ({self.path.name})")


def read_compilation(path: Path | str) -> CompiledResult:
    """Read a file of the compilation.

    Raises:
        InputError: One sentence that says what is wrong, and where in the file.
    """
    path = Path(path)
    content, notes = read_mapping(path)
    result = content.get("result")
    if not isinstance(result, Mapping):
        raise InputError(f"{path}: has no mapping 'result'; give a file of nu-osc/plots")
    numbers: list[CompiledNumber] = []
    sensitivities: dict[str, dict[str, Any]] = {}
    for name, entry in result.items():
        where = f"{path}: result.{name}"
        if name in _SENSITIVITIES:
            if isinstance(entry, Mapping):
                sensitivities[str(name)] = {str(k): _flat(v) for k, v in entry.items()}
            continue
        if name not in _MODES or not isinstance(entry, Mapping):
            raise InputError(
                f"{where}: is unknown; allowed: {', '.join([*_MODES, *_SENSITIVITIES])}"
            )
        numbers += _numbers(str(name), entry, where)
    reference = content.get("reference")
    return CompiledResult(
        path=path,
        experiment=str(content.get("experiment", path.stem)),
        kind=str(content.get("type", "")),
        estimate=content.get("measurement") == "estimation",
        reference=dict(reference) if isinstance(reference, Mapping) else {},
        numbers=tuple(numbers),
        sensitivities=sensitivities,
        notes=tuple(notes),
    )


def read_mapping(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    """Content of a YAML file, and what had to be mended to read it.

    Raises:
        InputError: If it cannot be read.
    """
    text = read_text_file(path, "a YAML file")
    try:
        return parse_yaml(text, str(path)), []
    except InputError:
        mended = _HALF_QUOTED.sub(lambda m: f"{m[1]}'{m[2].replace(chr(39), chr(39) * 2)}'", text)
        if mended == text:
            raise
        return parse_yaml(mended, str(path)), ["a half-quoted text was read as one text"]


def _flat(value: Any) -> Any:
    """A list that stands as ``- [1, 2]`` as the list itself."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        return value[0]
    return value


def _numbers(name: str, entry: Mapping[str, Any], where: str) -> Iterator[CompiledNumber]:
    parts = entry.get("results", [entry])
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise InputError(f"{where}.results: must be a list of mappings")
    for number, part in enumerate(parts):
        place = f"{where}.results[{number}]" if "results" in entry else where
        mode = part.get("mode", entry.get("mode", ""))
        modes = _MODES[name]
        if str(mode) not in modes:
            allowed = ", ".join(repr(key) for key in modes)
            raise InputError(f"{place}: mode {mode!r}; allowed: {allowed}")
        central = _number(part.get("value"), f"{place}.value")
        plus, minus = _uncertainty(part.get("uncertainty"), central, f"{place}.uncertainty")
        yield CompiledNumber(
            published=modes[str(mode)],
            ordering=_ordering(part.get("ordering"), place),
            central=central,
            plus=plus,
            minus=minus,
            octant=str(part.get("octant", "")),
            preferred=part.get("preferred", True) is not False,
        )


def _ordering(value: Any, where: str) -> Ordering | None:
    if value is None:
        return None
    if value is False or str(value).upper() == "NO":  # YAML reads a bare NO as false
        return "no"
    if str(value).upper() == "IO":
        return "io"
    raise InputError(f"{where}.ordering: {str(value)[:40]!r}; allowed: NO, IO")


def _number(value: Any, where: str) -> float:
    found = plain_number(value)
    if found is None:
        raise InputError(f"{where}: {shown(value)} is not a finite number")
    return found


def _uncertainty(value: Any, central: float, where: str) -> tuple[float, float]:
    """Upper and lower 1 sigma error."""
    if not isinstance(value, Mapping):
        error = _number(value, where)
        plus, minus = error, error
    elif "interval" in value:
        ends = value["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise InputError(f"{where}.interval: give [low, high]")
        low, high = (_number(end, f"{where}.interval") for end in ends)
        plus, minus = high - central, central - low
    elif "stat" in value or "syst" in value:
        sides = [
            _uncertainty(value[part], central, f"{where}.{part}")
            for part in ("stat", "syst")
            if part in value
        ]
        plus, minus = (hypot(*(side[i] for side in sides)) for i in (0, 1))
    else:
        plus, minus = (_number(value.get(s), f"{where}.{s}") for s in ("right", "left"))
    if not (plus > 0 and minus > 0):
        raise InputError(f"{where}: errors +{plus:g} -{minus:g}; both must be positive")
    return plus, minus
