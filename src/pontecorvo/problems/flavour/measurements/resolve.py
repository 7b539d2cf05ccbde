"""A measurement from what a user writes: a name, or a file of any kind that is read here."""

from collections.abc import Sequence
from pathlib import Path

from ....base.errors import InputError
from ....core.measurement import Measured, NamedLikelihood
from ....core.plausibility import implausible
from ..nufit import Ordering
from .named import Correlations, named
from .quantities import PERIODS, declared

_FILES = (".yaml", ".yml", ".csv")


def resolve_measurement(
    text: str | Path,
    ordering: Ordering = "no",
    variant: str | None = None,
    names: Sequence[str] | None = None,
    shape: str = "gaussian",
    correlations: Correlations = "published",
) -> NamedLikelihood:
    """A measurement by name, or from a file: this package's or nu-osc's YAML, or a chi2 table.

    Args:
        text: A name or combination of the library (see `named`), or a path that ends in yaml, yml
            or csv.
        ordering: ``"no"`` or ``"io"``.
        variant: Of library names only.
        names: Of library names only.
        shape: Of library names only.
        correlations: Of library names only.

    Raises:
        InputError: For what is unknown, malformed, or implausible in unit, sign or size.
    """
    path = Path(text)
    if path.suffix.lower() not in _FILES:
        return named(str(text), ordering, variant, names, shape, correlations)
    for option, value, default in (
        ("variant", variant, None),
        ("names", names, None),
        ("shape", shape, "gaussian"),
    ):
        if value != default:
            raise InputError(f"{path}: {option} is for named measurements; say it in the file")
    found = _from_file(path, ordering)
    check_plausible(found.quantities, ordering, str(path))
    return found


def check_plausible(quantities: Sequence[Measured], ordering: Ordering, where: str) -> None:
    """Refuse measured numbers whose unit, sign or size cannot be meant.

    Raises:
        InputError: The first such number, as one sentence.
    """
    known = declared(ordering)
    for measured in quantities:
        if measured.name in known:
            complaint = implausible(measured, known[measured.name])
            if complaint:
                raise InputError(f"{where}: {complaint}")


def _from_file(path: Path, ordering: Ordering) -> NamedLikelihood:
    if path.suffix.lower() == ".csv":
        from ....core.chi2_table_file import read_chi2_table

        return read_chi2_table(path, PERIODS)
    from ..files.compilation import read_compilation, read_mapping

    content, _ = read_mapping(path)
    if "result" in content:
        return read_compilation(path).measurement(ordering)
    from ....core.measurement_file import read_measurement

    return read_measurement(path, str(path), list(declared(ordering).values()))
