"""3+2: two sterile neutrinos, on the same experiments, in vacuum and exactly.

With u_4 = |U_e4|^2, u_5 = |U_e5|^2 and c = 1 - u_4 - u_5 what is left of nu_e in the known states,

    P_ee = 1 - c^2 X - 4 c u_4 Y(dm2_41) - 4 c u_5 Y(dm2_51) - 4 u_4 u_5 sin^2(1.267 dm2_54 L / E)

with X and Y those of 3+1 (`physics.oscillation`): three amplitudes times the templates of one
state, so nothing is computed anew but the averages of the last term. An experiment is given
amplitudes (N, 3) and splittings (N, 3) in place of s22 and dm2, both (N,); where u_5 = 0 the two
agree to the last bit. The branch c >= 1/2 is taken, and 4 c (1 - c), the sum of the first two
amplitudes, stands for what c does: the solar bound is on that.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...base.errors import InputError
from ...core.model import Model
from ...core.prior import Prior, Uniform
from ...core.quantity import Quantity
from ...core.target import LikelihoodTarget
from .experiment import Array
from .joint import JointLikelihood
from .tabulated import TabulatedLikelihood, tabulate_likelihood

MIXING = (2.5e-5, 0.25)
"""Range of the prior of |U_e4|^2 and |U_e5|^2: sin^2 2theta from 1e-4, and c of a half at least."""
NODES = (301, 801)
"""Nodes of the quadrature of one sterile neutrino's evidence, in log10 |U_e4|^2 and log10 dm2."""
CHUNK = 2048

PARAMETERS = (
    Quantity("log10_ue4_squared", r"\log_{10}|U_{e4}|^2"),
    Quantity("log10_ue5_squared", r"\log_{10}|U_{e5}|^2"),
    Quantity("log10_dm2_41", r"\log_{10}(\Delta m^2_{41}/\mathrm{eV}^2)"),
    Quantity("log10_dm2_51", r"\log_{10}(\Delta m^2_{51}/\mathrm{eV}^2)"),
)
PREDICTIONS = (
    Quantity("U_e4_squared", r"|U_{e4}|^2"),
    Quantity("U_e5_squared", r"|U_{e5}|^2"),
    Quantity("dm2_41", r"\Delta m^2_{41}", "eV^2"),
    Quantity("dm2_51", r"\Delta m^2_{51}", "eV^2"),
    Quantity("m_4", "m_4", "eV", "above massless known neutrinos"),
    Quantity("m_5", "m_5", "eV", "above massless known neutrinos"),
)


def two_sterile_points(
    ue4_squared: Array, ue5_squared: Array, dm2_41: Array, dm2_51: Array
) -> tuple[Array, Array]:
    """Amplitudes (N, 3) and splittings (N, 3) [eV^2], of 41, 51 and 54, for the experiments.

    Args:
        ue4_squared: |U_e4|^2 (N,).
        ue5_squared: |U_e5|^2 (N,); with the other at most a half.
        dm2_41: eV^2 (N,).
        dm2_51: eV^2 (N,).

    Raises:
        InputError: If more than half of nu_e is sterile.
    """
    left = 1 - ue4_squared - ue5_squared
    if np.any(left < 0.5) or np.any(ue4_squared < 0) or np.any(ue5_squared < 0):
        raise InputError("|U_e4|^2 and |U_e5|^2: give numbers not below 0 of a sum of at most 0.5")
    amplitudes = np.stack(
        [4 * ue4_squared * left, 4 * ue5_squared * left, 4 * ue4_squared * ue5_squared], axis=1
    )
    return amplitudes, np.stack([dm2_41, dm2_51, np.abs(dm2_51 - dm2_41)], axis=1)


class TwoSterileModel(Model):
    """Expected data of the experiments with two sterile neutrinos; dm2_51 is the larger splitting.

    The prior is flat in the four logarithms.
    """

    name = "sterile-3p2"
    parameters = PARAMETERS

    def __init__(self, joint: JointLikelihood) -> None:
        self.joint = joint
        low, high = np.log10(joint.dm2_range)
        mixing, mass = Uniform(*np.log10(MIXING)), Uniform(max(low, -2.0), min(high, 2.0))
        self.prior = Prior([mixing, mixing, mass, mass], ordered=[(2, 3)])
        self.observables = tuple(
            Quantity(f"{name}_{index - bins.start}")
            for name, bins in joint.slices.items()
            for index in range(bins.start, bins.stop)
        )

    def points(self, theta: Array) -> tuple[Array, Array]:
        """Amplitudes and splittings (N, 3) of parameters (N, 4)."""
        linear = 10.0 ** np.asarray(theta, dtype=float)
        low, high = self.joint.dm2_range
        mixing = np.minimum(linear[:, :2], MIXING[1])
        return two_sterile_points(*mixing.T, *np.clip(linear[:, 2:], low, high).T)

    def forward(self, theta: Array) -> Array:
        """Expected data (N, B) at parameters (N, 4)."""
        return self.joint.predict(*self.points(theta))

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """Mixings, splittings and masses."""
        return PREDICTIONS

    def predict(self, theta: Array) -> dict[str, Array]:
        """Mixings, splittings [eV^2] and masses [eV], (N,) each, of parameters (N, 4)."""
        first, second, near, far = 10.0 ** np.asarray(theta, dtype=float).T
        return {
            "U_e4_squared": first,
            "U_e5_squared": second,
            "dm2_41": near,
            "dm2_51": far,
            "m_4": np.sqrt(near),
            "m_5": np.sqrt(far),
        }

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Data (N, B) with every uncertainty drawn, one set for each row of parameters."""
        return self.joint.simulate(*self.points(theta), rng)

    def describe(self) -> dict[str, Any]:
        """Experiments and prior."""
        return {"name": self.name, "prior": "flat in log10", **self.joint.describe()}


@dataclass(frozen=True)
class TwoSterileTarget(LikelihoodTarget):
    """Posterior of 3+2 with the nuisances integrated out."""

    model: TwoSterileModel

    def log_likelihood(self, theta: Array) -> Array:
        """Log-likelihood (N,), with the constant of `sterile_target`'s."""
        result = np.empty(len(theta))
        for start in range(0, len(theta), CHUNK):
            part = slice(start, start + CHUNK)
            result[part] = -0.5 * self.model.joint.marginal(*self.model.points(theta[part]))
        return result

    def within_three_sigma(self, theta: Array) -> Array:
        """Which parameters (N,) lie within 16.25 of the best of one state, in -2 ln likelihood.

        16.25 is what 99.73 % of a chi2 distribution with four degrees of freedom lie below: a
        yardstick and no confidence statement.
        """
        return self.log_likelihood(theta) >= self._best_of_one - 0.5 * 16.25

    @property
    def observed(self) -> Array:
        """What was measured (B,), for estimators that learn from simulated data."""
        return self.model.joint.data

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """One data set (N, B) for each row of parameters (N, 4), every uncertainty drawn."""
        return self.model.simulate(theta, rng)

    @cached_property
    def _table(self) -> TabulatedLikelihood:
        return tabulate_likelihood(self.model.joint, "marginal")

    @cached_property
    def _one(self) -> Array:
        """Log-likelihood (X, Y) of one sterile neutrino in the middle of the cells of its prior."""
        ends = self.model.prior.marginals[0].support, self.model.prior.marginals[2].support
        axes = [
            low + (high - low) * (np.arange(count) + 0.5) / count
            for (low, high), count in zip(ends, NODES, strict=True)
        ]
        mixing, mass = np.meshgrid(*axes, indexing="ij")
        u = 10.0 ** mixing.ravel()
        return -0.5 * self._table.evaluate(4 * u * (1 - u), mass.ravel()).reshape(NODES)

    @cached_property
    def _best_of_one(self) -> float:
        return float(self._one.max())

    @property
    def null_log_likelihood(self) -> float:
        """Log-likelihood without oscillation, with the same constant."""
        return -0.5 * self._table.null

    @cached_property
    def one_log_evidence(self) -> float:
        """ln evidence of 3+1 under the same prior of |U_e4|^2 and dm2_41, by quadrature."""
        value = self._one
        return float(value.max() + np.log(np.mean(np.exp(value - value.max()))))

    def evidence_notes(self, log_evidence: float) -> dict[str, float]:
        """Bayes factors of 3+2 over 3+1 and over no oscillation; both depend on the prior."""
        over_one = log_evidence - self.one_log_evidence
        return {
            "ln_bayes_factor_over_3p1": over_one,
            "log10_bayes_factor_over_3p1": over_one / np.log(10),
            "ln_bayes_factor": log_evidence - self.null_log_likelihood,
            "ln_bayes_factor_of_3p1": self.one_log_evidence - self.null_log_likelihood,
        }

    def describe_likelihood(self) -> dict[str, Any]:
        """The experiments, and what became of their nuisances."""
        names = [member.name for member in self.model.joint.experiments]
        return {"experiments": names, "nuisances": "marginal"}
