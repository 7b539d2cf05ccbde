r"""Models whose m_nu is a congruence of Y: the type-I seesaw with effective heavy masses.

.. math:: m_\nu = v^2\, Y\, \mathrm{diag}(1/\mathcal M_k)\, Y^T, \qquad
    \mathcal M_k = \mathcal M_k(\text{parameters})

For a flat prior of Y the exact measure of the type-I seesaw (`seesaw.casas_ibarra_chart`) carries
over: it draws the effective masses as if their logarithms were uniform, and the model says by which
density they are to be replaced and how its own parameters follow from them.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.chart import Chart
from ...core.measurement import Measurement
from ...core.model import Model, Symmetry
from ...core.prior import Prior
from ...core.quantity import Quantity
from ..seesaw.model import Seesaw, SeesawPrior
from ..seesaw.symmetries import seesaw_symmetries

if TYPE_CHECKING:
    from .predictions.plugin import FlavourDraws

_Y = 18
_SCALES = "column scales"  # of Y and M together: not a move of models with M in two places


class EffectiveSeesaw(Model):
    """Theta (N, P): Y (18 columns as in the seesaw), own parameters, two phases of heavy masses.

    Subclasses set `name`, `own` (quantities), `prior`, and the three maps below.

    Args:
        ordering: ``"no"`` or ``"io"``.
        low: Least possible log10 of an effective mass in GeV.
        high: Largest one.
        yukawa_max: Real and imaginary parts of Y are uniform in +- this.
        own: Parameters of its own.
    """

    def __init__(
        self, ordering: str, low: float, high: float, yukawa_max: float, own: tuple[Quantity, ...]
    ) -> None:
        prior = SeesawPrior(yukawa_max=yukawa_max, log10_M_min=low, log10_M_max=high)
        self.seesaw = Seesaw(ordering, prior)  # type: ignore[arg-type]
        self.ordering = ordering
        self.observables = self.seesaw.observables
        self.parameters = (*self.seesaw.parameters[:_Y], *own, *self.seesaw.parameters[21:])

    @abstractmethod
    def log10_effective(self, own: np.ndarray) -> np.ndarray:
        """log10 of the effective masses in GeV (N, 3) of the model's own parameters (N, Q)."""

    @abstractmethod
    def own_parameters(
        self, log10_effective: np.ndarray, u: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Own parameters (N, Q) that give the effective masses, and a log density (N,).

        Args:
            log10_effective: (N, 3), ascending.
            u: Coordinates (N, Q - 3) of the unit cube for what they leave free.

        Returns:
            Own parameters; and log[prior(own) * abs(d own / d(log10_effective, u))], with the
            prior normalised on the ordered part; -inf where the prior has no such masses.
        """

    @abstractmethod
    def free_coordinates(self, own: np.ndarray) -> np.ndarray:
        """Coordinates u (N, Q - 3) of own parameters (N, Q): inverse of `own_parameters`."""

    def seesaw_theta(self, theta: np.ndarray) -> np.ndarray:
        """The same point (N, 23) as a type-I seesaw with the effective masses."""
        effective = self.log10_effective(theta[:, _Y:-2])
        return np.concatenate([theta[:, :_Y], effective, theta[:, -2:]], axis=1)

    def flavour_draws(self, theta: np.ndarray) -> "FlavourDraws":
        """Mixing and light masses; what its Yukawas do is not what a type-I seesaw's do."""
        from dataclasses import replace

        return replace(self.seesaw.flavour_draws(self.seesaw_theta(theta)), y=None, m=None)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """The five oscillation observables (N, 5) of parameters (N, P)."""
        return self.seesaw.forward(self.seesaw_theta(theta))

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """Those of the seesaw, and `extra_quantities`."""
        return (*self.seesaw.prediction_quantities, *self.extra_quantities)

    @property
    def extra_quantities(self) -> tuple[Quantity, ...]:
        """What the model predicts beyond light neutrinos."""
        return ()

    def extra_predictions(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Values of `extra_quantities`, (N,) each."""
        return {}

    def predict(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions (N,) by name: masses in eV, phases in rad."""
        return {**self.seesaw.predict(self.seesaw_theta(theta)), **self.extra_predictions(theta)}

    @property
    def reflections(self) -> tuple[str, ...]:
        """CP conjugation leaves prior and observables as they are."""
        return self.seesaw.reflections

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """The seesaw's moves of signs and phases; they move Y and the phases only."""

        def lifted(symmetry: Symmetry) -> Symmetry:
            def move(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
                moved, log_jacobian = symmetry.move(self.seesaw_theta(theta), rng)
                own = theta[:, _Y:-2]
                return np.concatenate([moved[:, :_Y], own, moved[:, 21:]], axis=1), log_jacobian

            return Symmetry(symmetry.name, move)

        return tuple(lifted(s) for s in seesaw_symmetries() if s.name != _SCALES)

    def chart(self, measurement: Measurement) -> Chart:
        """Casas-Ibarra coordinates, and what the effective masses leave free."""
        return EffectiveChart(self, self.seesaw.chart(measurement))

    def describe(self) -> dict[str, Any]:
        """The prior's densities, and the seesaw beneath."""
        return {**super().describe(), "seesaw": self.seesaw.describe()}


class EffectiveChart:
    """Coordinates (23 + Q - 3) of an `EffectiveSeesaw`: the seesaw's, then the free ones."""

    name = "casas-ibarra"

    def __init__(self, model: EffectiveSeesaw, base: Chart) -> None:
        self.model, self.base = model, base
        self.extra = len(model.parameters) - 23
        self.periodic = np.concatenate([base.periodic, np.zeros(self.extra, bool)])
        # the seesaw's own density of ordered log10 M, which the model's replaces
        low, high = model.seesaw.prior.marginals[_Y].support
        self._log_uniform = np.log(6) - 3 * np.log(high - low)

    @property
    def dim(self) -> int:
        """As many as parameters."""
        return 23 + self.extra

    def to_parameters(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map points (N, D) of the cube to parameters (N, P) and log volume (N,)."""
        theta, log_volume = self.base.to_parameters(np.ascontiguousarray(u[:, :23]))
        own = np.full((len(u), 3 + self.extra), np.nan)
        good = np.flatnonzero(np.isfinite(log_volume))
        if len(good):
            own[good], density = self.model.own_parameters(theta[good, 18:21], u[good, 23:])
            log_volume[good] += density - self._log_uniform
        return np.concatenate([theta[:, :_Y], own, theta[:, 21:]], axis=1), log_volume

    def from_parameters(self, theta: np.ndarray) -> np.ndarray:
        """Coordinates (N, D) of parameters (N, P) inside the prior."""
        base = self.base.from_parameters(self.model.seesaw_theta(theta))
        free = self.model.free_coordinates(theta[:, _Y:-2])
        return np.concatenate([base, np.clip(free, 0.0, np.nextafter(1.0, 0.0))], axis=1)


def yukawa_marginals(prior: Prior) -> list[Any]:
    """Densities of the 18 components of Y of a seesaw's prior."""
    return list(prior.marginals[:_Y])
