"""Parameter cards of ULYSSES (A. Granelli et al., Comput. Phys. Commun. 262 (2021) 107813).

A card has one ``name value`` a line: m (log10 of the lightest mass in eV), M1, M2, M3 (log10 of
the heavy masses in GeV), x_k and y_k (degrees; z_k = x_k + i y_k), delta, a21, a31, t12, t13, t23
(degrees). ULYSSES builds h = U sqrt(m) R^T sqrt(M) / v with R = R_1(z_1) R_2(z_2) R_3(z_3), and
couples it as (lbar_alpha Hc N_i); this package's Y couples as (l_alpha H N_i), so Y = h^*. The
splittings and v are not in the card but ULYSSES' own (its defaults, of NuFIT 4.0).
"""

import cmath
from math import degrees, log10, radians
from pathlib import Path

import numpy as np

from ....base.errors import InputError, suggest
from ....base.files import write_text
from ....physics.masses import masses_from_splittings
from ....physics.pmns import pmns_matrix, pmns_parameters
from ..nufit import Ordering
from .point import Point, complete, light_observables
from .slha import read_text_file

NAMES = (
    *("m", "M1", "M2", "M3"),
    *("x1", "y1", "x2", "y2", "x3", "y3"),
    *("delta", "a21", "a31", "t23", "t12", "t13"),
)
VEV = 174.0
"""ULYSSES' <H>, GeV."""
SPLITTINGS = {"no": (7.39e-5, 2.525e-3), "io": (7.39e-5, -2.512e-3)}
"""ULYSSES' dm2_21 and dm2_3l in eV^2."""


def read_card(path: Path | str) -> dict[str, complex]:
    """The numbers of a card, by name; complex where the card writes one (``-90j``).

    Raises:
        InputError: One sentence with the line.
    """
    values: dict[str, complex] = {}
    for number, line in enumerate(read_text_file(path, "a ULYSSES card").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        where = f"{path}, line {number}"
        if words[0] not in NAMES:
            raise InputError(
                f"{where}: {words[0][:40]!r} is no parameter; {suggest(words[0], list(NAMES))}"
            )
        if len(words) != 2:
            raise InputError(
                f"{where}: {words[0]} has {len(words) - 1} values; a point has one "
                "(a range is for ULYSSES' scans)"
            )
        if words[0] in values:
            raise InputError(f"{where}: {words[0]} stands twice")
        try:
            value = complex(words[1])
        except ValueError:
            raise InputError(f"{where}: {words[1][:40]!r} is not a number") from None
        if not cmath.isfinite(value):
            raise InputError(f"{where}: {words[1][:40]!r} is not a finite number")
        if value.imag and words[0][0] not in "xy":
            raise InputError(f"{where}: {words[0]} must be real")
        values[words[0]] = value
    for name in NAMES:
        if name not in values:
            raise InputError(f"{path}: {name} is missing; a card has {', '.join(NAMES)}")
    return values


def rotation(values: dict[str, complex]) -> np.ndarray:
    """ULYSSES' complex orthogonal R = R_1 R_2 R_3 (3, 3)."""
    result = np.eye(3, dtype=complex)
    for k, (first, second) in enumerate(((1, 2), (0, 2), (0, 1)), 1):
        angle = np.deg2rad(1.0) * (values[f"x{k}"] + 1j * values[f"y{k}"])
        turn = np.eye(3, dtype=complex)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second] = np.sin(angle)
        turn[second, first] = -np.sin(angle)
        result = result @ turn
    return result


def read_ulysses_point(path: Path | str, ordering: Ordering = "no", vev: float = VEV) -> Point:
    """A card as a point, with its Yukawas in this package's convention.

    Args:
        path: The card.
        ordering: Which of ULYSSES' orderings; the card does not say.
        vev: <H> in GeV.

    Raises:
        InputError: For a card that is malformed or gives no light neutrinos.
    """
    values = read_card(path)
    real = {name: value.real for name, value in values.items()}
    try:
        heavy = np.array([10.0 ** real[name] for name in ("M1", "M2", "M3")])
        lightest = 10.0 ** real["m"]
    except OverflowError:
        raise InputError(f"{path}: m and M1 to M3 are log10 of masses; one is too large") from None
    masses = masses_from_splittings(lightest, *SPLITTINGS[ordering], ordering)
    angles = [np.sin(radians(real[name])) ** 2 for name in ("t12", "t13", "t23")]
    phases = [radians(real[name]) for name in ("delta", "a21", "a31")]
    mixing = pmns_matrix(*angles, *phases)
    light = np.sqrt(1e-9 * masses)
    with np.errstate(over="ignore", invalid="ignore"):
        yukawa = (mixing * light) @ rotation(values).T * np.sqrt(heavy) / vev
    if not np.isfinite(yukawa).all() or not np.isfinite(masses).all():
        raise InputError(f"{path}: gives Yukawas that are not finite; check m and the y_k")
    point = Point({}, ordering, yukawa.conj(), heavy, vev)
    point.observables = light_observables(masses, mixing)
    point.notes.append(
        f"splittings are ULYSSES' own ({SPLITTINGS[ordering][0]:g}, {SPLITTINGS[ordering][1]:g} "
        "eV^2): the card has none"
    )
    return point


def card_of(point: Point) -> dict[str, complex]:
    """The card of a point with a seesaw; the inverse of `read_ulysses_point` but for splittings.

    Raises:
        InputError: If the point has no seesaw, or a massless light neutrino leaves R undefined.
    """
    if point.yukawa is None or point.heavy is None:
        raise InputError("ULYSSES card: the point has no Yukawas and heavy masses")
    from ....physics.takagi import takagi_of_factor

    vev = point.vev or VEV
    heavy = np.asarray(point.heavy, dtype=complex)
    yukawa = point.yukawa * np.exp(-0.5j * np.angle(heavy))
    sizes = np.abs(heavy)
    order = np.argsort(sizes)
    yukawa, sizes = yukawa[:, order], sizes[order]
    masses, mixing = takagi_of_factor(vev * np.sqrt(1e9) * yukawa / np.sqrt(sizes))
    inverted = masses[1] ** 2 - masses[0] ** 2 > masses[2] ** 2 - masses[1] ** 2
    if inverted:
        masses, mixing = np.roll(masses, -1), np.roll(mixing, -1, axis=1)
    if masses.min() <= 1e-30:
        raise InputError("ULYSSES card: a massless light neutrino leaves R undefined")
    p = pmns_parameters(mixing)
    standard = pmns_matrix(*p)
    # the phases of U's rows are the charged leptons'; the signs of its columns go into R
    rows = mixing[:, 0] * standard[:, 0].conj()
    rows /= np.abs(rows)
    h = yukawa.conj() * rows.conj()[:, None]
    light = np.sqrt(1e-9 * masses)
    matrix = (standard.conj().T @ (h * vev / np.sqrt(sizes)) / light[:, None]).T
    alpha31 = float(p.alpha31)
    if np.linalg.det(matrix).real < 0:  # a proper R: turn the sign of column 3 of U
        matrix[:, 2] *= -1
        alpha31 += 2 * np.pi
    sine2 = matrix[0, 2]
    cosine2 = np.sqrt(1 - sine2**2)
    z1 = _angle(matrix[2, 2] / cosine2, matrix[1, 2] / cosine2)
    z2 = _angle(cosine2, sine2)
    z3 = _angle(matrix[0, 0] / cosine2, matrix[0, 1] / cosine2)
    values: dict[str, complex] = {
        "m": log10(masses[2] if inverted else masses[0]),
        **{f"M{i + 1}": log10(sizes[i]) for i in range(3)},
    }
    for k, z in enumerate((z1, z2, z3), 1):
        values[f"x{k}"], values[f"y{k}"] = degrees(z.real), degrees(z.imag)
    values |= {
        "delta": degrees(float(p.delta)),
        "a21": degrees(float(p.alpha21)),
        "a31": degrees(alpha31),
        "t23": degrees(float(np.arcsin(np.sqrt(p.s23sq)))),
        "t12": degrees(float(np.arcsin(np.sqrt(p.s12sq)))),
        "t13": degrees(float(np.arcsin(np.sqrt(p.s13sq)))),
    }
    return values


def _angle(cosine: complex, sine: complex) -> complex:
    """The complex angle of a cosine and a sine whose squares add up to one."""
    return complex(-1j * np.log(cosine + 1j * sine))


def write_card(path: Path | str, values: dict[str, complex]) -> None:
    """Write a card, atomically; every number comes back to the last bit."""
    lines = []
    for name in NAMES:
        value = complex(values[name])
        text = repr(value.real) if not value.imag else f"{value!r}".strip("()")
        lines.append(f"{name} {text}")
    write_text(path, "\n".join(lines) + "\n")


def write_ulysses_point(path: Path | str, point: Point) -> None:
    """Write the card of a point; ULYSSES then takes its own splittings, or those it is given."""
    write_card(path, card_of(complete(point)))
