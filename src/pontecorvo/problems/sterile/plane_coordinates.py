"""The coordinates in which regions are shown: sin^2 2theta_ee and dm2_41, or |U_e4|^2 and m_4.

With sin^2 2theta_ee = 4 |U_e4|^2 (1 - |U_e4|^2) and dm2_41 = m_4^2, the known masses being small
beside it, one goes over into the other for |U_e4|^2 up to a half. Fits are made in the logarithms
of the first pair. Regions by trials and Wilks' are the same sets of points in either. A posterior
is another one where its prior is flat in other coordinates: `log_prior_ratio` is what turns it; its
regions of highest density are shown as they are in the first pair.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...base.errors import InputError, suggest
from ...frequentist.contours import Contour, write_contours

SIN2, MIXING = "sin2-2theta", "ue4-m4"
CHOICES = (SIN2, MIXING)
COLUMNS = {
    SIN2: (("log10_sin2_2theta", "log10_dm2"), ("sin2_2theta", "dm2_eV2")),
    MIXING: (("log10_Ue4_squared", "log10_m4"), ("Ue4_squared", "m4_eV")),
}
"""Names of coordinates in tables: of the logarithms, and of what they are the logarithms of."""
LABELS = {
    SIN2: (r"$\sin^2 2\theta_{ee}$", r"$\Delta m^2_{41}$ [eV$^2$]"),
    MIXING: (r"$|U_{e4}|^2$", r"$m_4$ [eV]"),
}
_shown: ContextVar[str] = ContextVar("plane coordinates", default=SIN2)


def mixing_of(s22: np.ndarray) -> np.ndarray:
    """|U_e4|^2, the smaller solution, of sin^2 2theta_ee."""
    root = np.sqrt(np.maximum(1 - np.asarray(s22, dtype=float), 0.0))
    return np.asarray(0.5 * np.asarray(s22) / (1 + root))


def s22_of(mixing: np.ndarray) -> np.ndarray:
    """sin^2 2theta_ee of |U_e4|^2."""
    mixing = np.asarray(mixing, dtype=float)
    return np.asarray(4 * mixing * (1 - mixing))


def shown_points(points: np.ndarray, choice: str) -> np.ndarray:
    """Points (N, 2) of log10 s22 and log10 dm2 in the logarithms of the coordinates shown."""
    if choice == SIN2:
        return points
    x = np.log10(mixing_of(10.0 ** np.minimum(points[:, 0], 0.0)))
    return np.stack([x, 0.5 * points[:, 1]], axis=1)


def plane_points(points: np.ndarray, choice: str) -> np.ndarray:
    """Inverse of `shown_points`.

    Raises:
        InputError: If a mixing is above a half.
    """
    if choice == SIN2:
        return points
    mixing = 10.0 ** points[:, 0]
    if np.any(mixing > 0.5 * (1 + 1e-9)):
        raise InputError(f"|U_e4|^2 = {mixing.max():g}: at most 0.5 is allowed")
    x = np.log10(s22_of(np.minimum(mixing, 0.5)))
    return np.stack([x, 2 * points[:, 1]], axis=1)


def log_prior_ratio(s22: np.ndarray) -> np.ndarray:
    """ln of a density flat in log |U_e4|^2 and log m_4 over one flat in log s22 and log dm2.

    d log |U_e4|^2 / d log s22 = (1 - |U_e4|^2) / (1 - 2 |U_e4|^2): one at small mixing, and without
    bound, but integrable, where |U_e4|^2 is a half. Up to a constant.
    """
    mixing = mixing_of(s22)
    return np.asarray(np.log1p(-mixing) - np.log(np.maximum(1 - 2 * mixing, 1e-12)))


def check_choice(choice: str) -> str:
    """The name of the coordinates.

    Raises:
        InputError: If it is unknown.
    """
    if choice not in CHOICES:
        raise InputError(f"axes {choice!r} are unknown; {suggest(choice, list(CHOICES))}")
    return choice


@contextmanager
def shown_in(choice: str) -> Iterator[None]:
    """Inside the block, figures and tables of contours have these coordinates."""
    token = _shown.set(check_choice(choice))
    try:
        yield
    finally:
        _shown.reset(token)


def shown() -> str:
    """The coordinates in force."""
    return _shown.get()


def write_shown(path: Path, lines: Sequence[Contour]) -> None:
    """Write contours of log10 s22 and log10 dm2 in the coordinates in force."""
    choice = shown()
    moved = [replace(line, points=shown_points(line.points, choice)) for line in lines]
    write_contours(path, moved, *COLUMNS[choice])


@dataclass(frozen=True)
class MixingScale:
    """Where |U_e4|^2 stands on an axis whose data are s22: a scale of matplotlib's, as functions.

    Objects of a class of a module can be sent to the processes that draw.
    """

    def forward(self, s22: np.ndarray) -> np.ndarray:
        """log10 |U_e4|^2 of s22."""
        return np.log10(np.maximum(mixing_of(np.clip(s22, 1e-300, 1.0)), 1e-300))

    def inverse(self, place: np.ndarray) -> np.ndarray:
        """s22 of log10 |U_e4|^2."""
        return s22_of(np.minimum(10.0 ** np.asarray(place, dtype=float), 0.5))
