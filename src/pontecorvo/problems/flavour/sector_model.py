"""One sector of a model as a model of its own: masses, without mixing.

Its parameters are the sector's own and the shared one, so that any sampler can meet the sector's
data; `two_sectors` then joins both.
"""

from collections.abc import Sequence

import numpy as np

from ...core.measurement import GaussianMeasurement, Measured
from ...core.model import Model, Symmetry
from ...core.prior import Prior
from ...core.target import Target
from .mass_matrices import charged_leptons, light_neutrinos
from .mass_matrix_model import QUANTITIES, MassMatrixModel
from .quick_masses import quick_masses
from .sector_split import Sector, SectorSplit


class SectorModel(Model):
    """Masses of charged leptons or neutrinos from the parameters that they need.

    Args:
        whole: The model, with a split of its parameters.
        split: That split.
        neutrinos: Which sector.
        observables: Names of this sector's observables.
    """

    def __init__(
        self,
        whole: MassMatrixModel,
        split: SectorSplit,
        neutrinos: bool,
        observables: Sequence[str],
    ) -> None:
        own = split.neutrino if neutrinos else split.charged
        self.whole, self.neutrinos = whole, neutrinos
        self.columns = [*own.columns, split.shared]
        place = {column: i for i, column in enumerate(self.columns)}
        self.shared = place[split.shared]
        self.sector = Sector(
            tuple(place[c] for c in own.columns),
            tuple(place[c] for c in own.moduli),
            own.powers,
            tuple(tuple(place[c] for c in group) for group in own.phases),
        )
        self.name = f"{whole.name}, {'neutrinos' if neutrinos else 'charged leptons'}"
        self.parameters = tuple(whole.parameters[column] for column in self.columns)
        self.observables = tuple(QUANTITIES[name] for name in observables)
        self.prior = Prior([whole.prior.marginals[column] for column in self.columns])
        middle = np.full((1, len(whole.parameters)), 0.5)
        self._elsewhere = whole.prior.from_unit_cube(middle)[0]

    def rotations(self, theta: np.ndarray) -> np.ndarray:
        """Left rotation, U_L or U_nu, (N, 3, 3) of parameters (N, P)."""
        matrix = self.matrix(theta)
        if self.neutrinos:
            return light_neutrinos(matrix, self.whole.ordering)[1]
        return charged_leptons(matrix)[1]

    def matrix(self, theta: np.ndarray) -> np.ndarray:
        """The sector's mass matrix (N, 3, 3)."""
        whole = np.tile(self._elsewhere, (len(theta), 1))
        whole[:, self.columns] = theta
        return self.whole.mass_matrices(whole)[int(self.neutrinos)]

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """Observables (N, K) of the sector."""
        masses = quick_masses(self.matrix(theta))
        if self.neutrinos:
            if self.whole.ordering == "io":  # ascending is (3, 1, 2)
                masses = np.roll(masses, -1, axis=-1)
            known = self.whole.neutrino_observables(masses)
        else:
            known = self.whole.charged_observables(masses)
        return np.stack([known[quantity.name] for quantity in self.observables], axis=1)

    def same_matrix(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Range (N,), (N,) of the shared parameter over which the same matrix is possible."""
        return self.sector.same_matrix(theta, self.prior, self.shared)

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """Another value of the shared parameter with the same matrix, drawn by its prior."""
        return (Symmetry("same matrix", self._redraw),)

    def _redraw(self, theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        marginal = self.prior.marginals[self.shared]
        low, high = (marginal.cdf(end) for end in self.same_matrix(theta))
        value = marginal.quantile(low + (high - low) * rng.random(len(theta)))
        moved = self.sector.at(theta, self.shared, value)
        # drawn by the prior itself: its ratio, by which moves are accepted, is taken out
        before, after = (marginal.log_density(x) for x in (theta[:, self.shared], value))
        return moved, before - after


def sector_target(
    whole: MassMatrixModel, split: SectorSplit, neutrinos: bool, data: Sequence[Measured]
) -> Target:
    """The posterior of one sector's parameters, given what was measured of its masses."""
    model = SectorModel(whole, split, neutrinos, [q.name for q in data])
    return Target(model, GaussianMeasurement(data))
