"""NuFIT's released chi2 files: projections on one and two parameters, as likelihoods.

A release (nu-fit.org) is text, often packed by xz: comment lines, and sections headed
``# T13/T12 projection:`` whose rows are the parameters' values and Delta chi2. T12, T13, T23 are
sin^2 of the angles, DCP degrees, DMS log10(dm2_21/eV^2), DMA dm2_31 or dm2_32 in 1e-3 eV^2. Full
files are a user's download; the known ones are checked by size and SHA-256.
"""

import lzma
import re
from dataclasses import dataclass
from math import pi
from pathlib import Path

import numpy as np

from ....base.errors import InputError, suggest
from ....base.files import sha256
from ....core.chi2_table import Chi2Table, TableAxis
from ..measurements.profiles import PARAMETERS, in_units

KNOWN = {
    "v61.release-TBoff-NO.txt.xz": (3_996_028, "58b11392"),
    "v61.release-TByes-NO.txt.xz": (3_996_408, "c74bd6df"),
}
"""Size in bytes and first digits of the SHA-256 of known releases."""
_MOST_BYTES = 400_000_000
_HEADER = re.compile(r"^#\s*([A-Z0-9]+(?:/[A-Z0-9]+)*)\s+projection", re.IGNORECASE)


@dataclass(frozen=True)
class NuFITRelease:
    """Projections of one release.

    Attributes:
        path: Of the file.
        projections: Parameters of a projection (NuFIT's names, in the file's order) to rows
            (N, parameters + 1), the last column Delta chi2, in the file's units.
    """

    path: Path
    projections: dict[tuple[str, ...], np.ndarray]

    def table(self, *parameters: str, offset: float = 0.0) -> Chi2Table:
        """A projection on one or two parameters as a likelihood, in the observables' units.

        Raises:
            InputError: If the file has no such projection, or it is no full grid.
        """
        wanted = tuple(parameters)
        names = {"/".join(key): key for key in self.projections}
        key = next((k for k in self.projections if set(k) == set(wanted)), None)
        if key is None or len(key) != len(wanted):
            asked = "/".join(wanted)
            raise InputError(f"{self.path}: no projection {asked}; {suggest(asked, list(names))}")
        if len(key) > 2:
            raise InputError(
                f"{self.path}: {'/'.join(key)}: a likelihood has one or two parameters"
            )
        rows = self.projections[key]
        grids, indices = [], []
        for column in range(len(key)):
            grid, index = np.unique(rows[:, column], return_inverse=True)
            grids.append(grid)
            indices.append(index)
        shape = tuple(map(len, grids))
        values = np.full(shape, np.nan)
        values[tuple(indices)] = rows[:, -1]
        if len(rows) != np.prod(shape) or np.isnan(values).any():
            raise InputError(
                f"{self.path}: projection {'/'.join(key)}: {len(rows)} rows are no full grid of "
                f"{' x '.join(map(str, shape))}"
            )
        axes = [
            TableAxis(PARAMETERS[name], in_units(name, grid), 2 * pi if name == "DCP" else None)
            for name, grid in zip(key, grids, strict=True)
        ]
        return Chi2Table(axes, values, f"NuFIT release {self.path.name}", offset)


def read_nufit_release(path: Path | str, check: bool = True) -> NuFITRelease:
    """Read a release.

    Args:
        path: The file, packed by xz or not.
        check: Refuse a file that has the name of a known release but not its size and hash.

    Raises:
        InputError: One sentence that says what is wrong, with the line.
    """
    path = Path(path)
    if not path.is_file():
        what = "is no regular file" if path.exists() else "is not there"
        raise InputError(f"{path}: {what}; give a release file from nu-fit.org")
    if check and path.name in KNOWN:
        size, digits = KNOWN[path.name]
        if path.stat().st_size != size:
            have = f"{path.stat().st_size:,}"
            raise InputError(f"{path}: has {have} bytes, the release {size:,}; download it again")
        if not sha256(path).startswith(digits):
            raise InputError(f"{path}: its SHA-256 is not the release's; download it again")
    projections = _sections(_text(path), path)
    if not projections:
        raise InputError(f"{path}: holds no section '# ... projection:'; give a NuFIT release")
    return NuFITRelease(path, projections)


def _text(path: Path) -> str:
    try:
        if path.suffix != ".xz":
            data = path.read_bytes()
        else:
            with lzma.open(path) as stream:
                data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise InputError(f"{path}: holds more than {_MOST_BYTES:,} bytes; that is no release")
        return data.decode("utf-8-sig")
    except (lzma.LZMAError, EOFError):
        raise InputError(f"{path}: is not whole, or not packed by xz; download it again") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8") from None


def _sections(text: str, path: Path) -> dict[tuple[str, ...], np.ndarray]:
    found: dict[tuple[str, ...], np.ndarray] = {}
    key: tuple[str, ...] | None = None
    rows: list[str] = []

    def close() -> None:
        if key is None:
            return
        name = "/".join(key)
        if key in found:
            raise InputError(f"{path}: projection {name} stands twice")
        try:
            table = np.array([[float(word) for word in row.split()] for row in rows])
        except ValueError:
            raise InputError(
                f"{path}: projection {name}: a row is no row of {len(key) + 1} numbers"
            ) from None
        if table.ndim != 2 or table.shape[1] != len(key) + 1 or not np.isfinite(table).all():
            raise InputError(
                f"{path}: projection {name}: give rows of {len(key) + 1} finite numbers"
            )
        found[key] = table

    for line in text.splitlines():
        header = _HEADER.match(line)
        if header:
            close()
            key, rows = tuple(header[1].upper().split("/")), []
            for name in key:
                if name not in PARAMETERS:
                    raise InputError(
                        f"{path}: projection on {name!r}; {suggest(name, list(PARAMETERS))}"
                    )
        elif line.strip() and not line.startswith("#"):
            rows.append(line)
    close()
    return found
