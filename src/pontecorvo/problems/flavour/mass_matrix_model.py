"""A flavour model that is given by its two mass matrices: what such models share.

Subclass `MassMatrixModel` and say how parameters make the matrices; forward map, predictions and
the ratio of splittings where the overall neutrino mass scale is no parameter stand here.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...base.errors import InputError, suggest
from ...core.model import Model
from ...core.quantity import Quantity
from ...physics.masses import check_ordering, splittings_from_masses
from .mass_matrices import lepton_predictions, leptons, mixing_angles
from .sector_split import SectorSplit

if TYPE_CHECKING:
    from .predictions.plugin import FlavourDraws

PREDICTIONS = (
    Quantity("sin2_theta12", r"\sin^2\theta_{12}"),
    Quantity("sin2_theta13", r"\sin^2\theta_{13}"),
    Quantity("sin2_theta23", r"\sin^2\theta_{23}"),
    Quantity("dm2_21", r"\Delta m^2_{21}", "eV^2"),
    Quantity("dm2_3l", r"\Delta m^2_{3\ell}", "eV^2", "dm2_31 for NO, dm2_32 for IO"),
    Quantity("dm2_ratio", r"\Delta m^2_{21}/|\Delta m^2_{3\ell}|"),
    Quantity("delta_cp", r"\delta_{CP}", "rad"),
    Quantity("alpha21", r"\alpha_{21}", "rad"),
    Quantity("alpha31", r"\alpha_{31}", "rad"),
    Quantity("J", "J", "", "Jarlskog invariant"),
    Quantity("m1", "m_1", "eV"),
    Quantity("m2", "m_2", "eV"),
    Quantity("m3", "m_3", "eV"),
    Quantity("sum_m", r"\Sigma m_\nu", "eV"),
    Quantity("m_ee", r"m_{ee}", "eV", "neutrinoless double beta decay"),
    Quantity("m_beta", r"m_\beta", "eV", "beta decay"),
)
"""What every model with light neutrinos and mixing predicts."""

CHARGED = (
    Quantity("me_over_mmu", r"m_e/m_\mu", "", "at the model's scale"),
    Quantity("mmu_over_mtau", r"m_\mu/m_\tau", "", "at the model's scale"),
)
Y_TAU = Quantity("y_tau", r"y_\tau", "", "of models whose M_e is in units of v")
QUANTITIES = {quantity.name: quantity for quantity in (*CHARGED, *PREDICTIONS, Y_TAU)}
ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23")
NEUTRINO = ("dm2_ratio", "dm2_21", "dm2_3l", "m1", "m2", "m3", "sum_m")
"""What neutrino masses alone decide."""
FITTED = {
    "ratio": (*(q.name for q in CHARGED), *ANGLES, "dm2_ratio"),
    "free": (*(q.name for q in CHARGED), *ANGLES, "dm2_21", "dm2_3l"),
}
"""Observables of a fit without and with the neutrino mass scale as a parameter."""
_FAST = {*FITTED["ratio"], *FITTED["free"], "y_tau", "m1", "m2", "m3", "sum_m"}


class MassMatrixModel(Model):
    """Parameters -> (M_e, M_nu) -> masses, mixing and everything that follows.

    Args:
        ordering: ``"no"`` or ``"io"``: how the three masses are labelled.
        observables: Names of what is measured, any of `QUANTITIES`.
        dm2_3l: Where the matrices have no unit: the abs(dm2_3l) (eV^2) that sets the scale of all
            predictions with a unit; None where `mass_matrices` gives M_nu in eV.
    """

    def __init__(
        self, ordering: str, observables: Sequence[str], dm2_3l: float | None = None
    ) -> None:
        check_ordering(ordering)
        for name in observables:
            if name not in QUANTITIES:
                raise InputError(f"observable {name!r}: {suggest(name, list(QUANTITIES))}")
        self.ordering = ordering
        self.observables = tuple(QUANTITIES[name] for name in observables)
        self.dm2_3l = dm2_3l

    @abstractmethod
    def mass_matrices(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M_e and M_nu (N, 3, 3) of parameters (N, P); left-handed fields on M_e's last index."""

    def leptons(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Charged masses (N, 3), neutrino masses (N, 3) in eV, and U (N, 3, 3)."""
        charged, masses, u = leptons(*self.mass_matrices(theta), self.ordering)
        if self.dm2_3l is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                _, _, split = splittings_from_masses(masses, self.ordering)
                masses = masses * np.sqrt(self.dm2_3l / np.abs(split))[:, None]
        return charged, masses, u

    def flavour_draws(self, theta: np.ndarray) -> "FlavourDraws":
        """Mixing and light masses, for plug-ins of predictions."""
        from .predictions.plugin import FlavourDraws

        _, masses, u = self.leptons(theta)
        return FlavourDraws(u=u, masses=masses, ordering=self.ordering)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """Observables (N, K) of parameters (N, P); NaN where the matrices are not finite."""
        names = [quantity.name for quantity in self.observables]
        known = self._fast(theta) if set(names) <= _FAST else self.predict(theta)
        return np.stack([known[name] for name in names], axis=1)

    def _fast(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        charged, masses, u = leptons(*self.mass_matrices(theta), self.ordering)
        return {**self._mass_observables(charged, masses), **_columns(mixing_angles(u))}

    def charged_observables(self, masses: np.ndarray) -> dict[str, np.ndarray]:
        """What follows from charged masses (N, 3) alone, (N,) by name."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                "me_over_mmu": masses[:, 0] / masses[:, 1],
                "mmu_over_mtau": masses[:, 1] / masses[:, 2],
                "y_tau": masses[:, 2],
            }

    def neutrino_observables(self, masses: np.ndarray) -> dict[str, np.ndarray]:
        """What follows from neutrino masses (N, 3) alone, (N,) by name."""
        _, dm2_21, dm2_3l = splittings_from_masses(masses, self.ordering)
        with np.errstate(divide="ignore", invalid="ignore"):
            result = {
                "dm2_ratio": dm2_21 / np.abs(dm2_3l),
                "dm2_21": dm2_21,
                "dm2_3l": dm2_3l,
                **{f"m{i + 1}": masses[:, i] for i in range(3)},
                "sum_m": masses.sum(axis=1),
            }
            if self.dm2_3l is not None:  # only the ratio has a meaning: the rest takes its unit
                unit = self.dm2_3l / np.abs(dm2_3l)
                for name in ("dm2_21", "dm2_3l"):
                    result[name] = result[name] * unit
                for name in ("m1", "m2", "m3", "sum_m"):
                    result[name] = result[name] * np.sqrt(unit)
        return result

    def _mass_observables(self, charged: np.ndarray, masses: np.ndarray) -> dict[str, np.ndarray]:
        return {**self.charged_observables(charged), **self.neutrino_observables(masses)}

    @property
    def sectors(self) -> SectorSplit | None:
        """Which parameters belong to which mass matrix, for `method: sectors`; None: not said."""
        return None

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """Charged-lepton mass ratios, then everything about neutrinos."""
        return (*CHARGED, *PREDICTIONS)

    def predict(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions (N,) by name: masses in eV, phases in rad."""
        charged, masses, u = self.leptons(theta)
        ratios = self._mass_observables(charged, masses)
        known = {**ratios, **lepton_predictions(masses, u, self.ordering)}
        return {quantity.name: known[quantity.name] for quantity in self.prediction_quantities}


def _columns(angles: np.ndarray) -> dict[str, np.ndarray]:
    return {name: angles[:, column] for column, name in enumerate(ANGLES)}


def stack(rows: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Matrices (N, 3, 3) of three rows of three arrays (N,)."""
    first = np.asarray(rows[0][0])
    out = np.empty((len(first), 3, 3), np.complex128)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            out[:, i, j] = entry
    return out
