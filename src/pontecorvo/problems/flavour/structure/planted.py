"""Posteriors with a known structure, and with none: what `explain` is tested on.

All start from the anarchic prior, Re and Im of Y uniform in [-1, 1] and log10 M uniform in
[12, 17]; posterior draws carry unequal weights as those of a sampler do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ....physics.pmns import pmns_parameters
from .findings import Findings
from .structure_draws import StructureDraws

__all__ = ["PLANTED", "Planted"]

CHARGES = ((2, 1, 0), (1, 0, 0), 0.22)
MEASURED = {"sin2_theta23": (0.5, 0.15), "sin2_theta12": (0.3, 0.2), "log10_sum_m": (-1.0, 0.7)}


def _anarchic(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = rng.uniform(-1, 1, (n, 3, 3)) + 1j * rng.uniform(-1, 1, (n, 3, 3))
    return y, np.sort(10 ** rng.uniform(12, 17, (n, 3)), axis=1)


def _weights(n: int, rng: np.random.Generator) -> np.ndarray:
    """Log-normal weights that know nothing of the draws: ESS/N about 0.6."""
    return np.exp(0.7 * rng.standard_normal(n))


def _with_predictions(draws: StructureDraws) -> StructureDraws:
    u, masses = draws.mixing
    p = pmns_parameters(u)
    values = {
        "sin2_theta23": p.s23sq,
        "sin2_theta12": p.s12sq,
        "log10_sum_m": np.log10(masses.sum(axis=1)),
    }
    return replace(draws, predictions=values)


def _none(n: int, rng: np.random.Generator) -> StructureDraws:
    return StructureDraws(*_anarchic(n, rng), weight=_weights(n, rng))


def _measured(n: int, rng: np.random.Generator) -> StructureDraws:
    """The prior and a measurement: weights are the likelihood, and nothing else is in it."""
    draws = _with_predictions(StructureDraws(*_anarchic(8 * n, rng)))
    chi2 = sum(((draws.predictions[k] - c) / s) ** 2 for k, (c, s) in MEASURED.items())
    return replace(draws, weight=np.exp(-0.5 * np.asarray(chi2)))


def _texture(n: int, rng: np.random.Generator) -> StructureDraws:
    y, m = _anarchic(n, rng)
    y[:, 0, 0] *= 0.03
    return StructureDraws(y, m, _weights(n, rng))


def _charges(n: int, rng: np.random.Generator) -> StructureDraws:
    y, m = _anarchic(n, rng)
    rows, columns, epsilon = CHARGES
    y *= epsilon ** (np.array(rows)[:, None] + np.array(columns))
    return StructureDraws(y, m, _weights(n, rng))


def _mu_tau(n: int, rng: np.random.Generator) -> StructureDraws:
    """Y_tau = Y_mu*, Y_e real, M real, each broken by a few per cent."""
    y, m = _anarchic(n, rng)
    y[:, 0] = y[:, 0].real
    y[:, 2] = y[:, 1].conj()
    y *= 1 + 0.02 * (rng.standard_normal(y.shape) + 1j * rng.standard_normal(y.shape))
    return StructureDraws(y, m, _weights(n, rng))


@dataclass(frozen=True)
class Planted:
    """A kind of posterior, and what must be found in it.

    Attributes:
        name: What is planted.
        posterior: ``posterior(n, rng)``, n draws or more.
        success: Whether the findings are right.
        measured: Names of what the posterior measures.
    """

    name: str
    posterior: Callable[[int, np.random.Generator], StructureDraws]
    success: Callable[[Findings], bool]
    measured: tuple[str, ...] = ()

    def prior(self, n: int, rng: np.random.Generator) -> StructureDraws:
        """Equally weighted draws of the prior."""
        draws = StructureDraws(*_anarchic(n, rng))
        return _with_predictions(draws) if self.measured else draws


def _right_charges(findings: Findings) -> bool:
    rows, columns, epsilon = CHARGES
    c = findings.charges
    near = abs(np.log(c.epsilon / epsilon)) < 0.1
    return "charges" in findings.found and (c.rows, c.columns) == (rows, columns) and near


PLANTED = (
    Planted("nothing", _none, lambda f: not f.found),
    Planted("a measurement, nothing else", _measured, lambda f: not f.found, tuple(MEASURED)),
    Planted("texture zero", _texture, lambda f: f.found[:1] == ("zero of Y[e,1]",)),
    Planted("charges", _charges, _right_charges),
    Planted("mu-tau reflection", _mu_tau, lambda f: "mu-tau reflection" in f.found),
)
