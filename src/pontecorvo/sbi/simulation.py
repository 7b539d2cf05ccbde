"""Simulated data: what estimators learn from that never see a likelihood, as truncated rounds.

A `Simulation` is a prior, a simulator of whole data sets, and the data that were observed. Where a
target's likelihood is a measurement of the observables, it follows: data are the forward map plus
noise that the measurement's errors describe (`simulation_of`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.special import ndtr, ndtri

from ..base.errors import InputError
from ..core.measurement import GaussianMeasurement
from ..core.prior import Prior
from ..core.target import LikelihoodTarget

Simulator = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""``simulator(theta, rng)``: one data set (N, K) for each of the parameters (N, P); rows that have
none are NaN."""

NEAR = 5.0
"""Standard deviations about the observed data within which `compressed` is about linear."""
PILOT = 2000
"""Data sets of the prior that say how wide data spread."""


@runtime_checkable
class SimulatedTarget(Protocol):
    """A target that simulates its own data, such as counts in bins."""

    @property
    def observed(self) -> np.ndarray:
        """What was measured (K,)."""

    def simulate(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One data set (N, K) for each of the parameters (N, P), every nuisance drawn."""


@dataclass(frozen=True)
class Simulation:
    """A prior, a simulator and the observed data; no likelihood.

    Attributes:
        prior: Of the P parameters.
        simulator: ``simulator(theta (N, P), rng) -> data (N, K)``; NaN where theta has none.
        observed: Data that were observed (K,).
        scale: Spread (K,) of the data that matters near the observed ones; see `compressed`. None:
            that of the prior's own data.
        name: What to call it.
    """

    prior: Prior
    simulator: Simulator
    observed: np.ndarray
    scale: np.ndarray | None = field(default=None)
    name: str = "simulation"

    def __post_init__(self) -> None:
        observed = np.asarray(self.observed, dtype=float)
        if observed.ndim != 1 or not len(observed) or not np.all(np.isfinite(observed)):
            raise InputError(
                f"{self.name}: observed data of shape {observed.shape}; give one row of finite "
                "numbers"
            )
        object.__setattr__(self, "observed", observed)

    def simulate(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One data set (N, K) for each row of theta (N, P).

        Raises:
            InputError: If the simulator returns another shape.
        """
        data = np.asarray(self.simulator(theta, rng), dtype=float)
        wanted = (len(theta), len(self.observed))
        if data.shape != wanted:
            raise InputError(
                f"{self.name}: the simulator returns data of shape {data.shape} for parameters of "
                f"shape {theta.shape}; it must be {wanted}"
            )
        return data

    def spread(self, seed: int) -> np.ndarray:
        """The scale (K,), or half the distance of the quartiles of data drawn from the prior."""
        if self.scale is not None:
            return np.asarray(self.scale, dtype=float)
        rng = np.random.default_rng(seed)
        data = self.simulate(self.prior.sample(PILOT, rng), rng)
        data = data[np.isfinite(data).all(axis=1)]
        if not len(data):
            raise InputError(f"{self.name}: no draw of the prior gives data that are numbers")
        low, high = np.quantile(data, [0.25, 0.75], axis=0)
        width = np.where(high > low, (high - low) / 2, data.std(axis=0))
        return np.where(width > 0, width, 1.0)


def compressed(data: np.ndarray, observed: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """asinh[(data - observed) / scale] (N, K): linear near the observed data, a logarithm far away.

    One-to-one, so that a posterior given it is the posterior given the data; and a network sees
    numbers of order one for data that span decades.
    """
    return np.arcsinh((data - observed) / scale)


def simulation_of(target: LikelihoodTarget | Simulation) -> Simulation:
    """Prior, simulator and observed data of a target.

    Args:
        target: A `Simulation`; a target with ``simulate`` and ``observed`` of its own; or one whose
            measurement is a `GaussianMeasurement`, whose data are simulated as central values of
            the same errors about the observables (an angle as its cosine and sine).

    Raises:
        InputError: If it is neither: its data cannot be simulated.
    """
    if isinstance(target, Simulation):
        return target
    model = target.model
    if isinstance(target, SimulatedTarget):
        return Simulation(model.prior, target.simulate, target.observed, name=model.name)
    measurement = target.measurement
    if not isinstance(measurement, GaussianMeasurement):
        raise InputError(
            f"{model.name}: its data cannot be simulated; give the target a method "
            "simulate(theta, rng) and an array observed, or give a Simulation"
        )

    def simulator(theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return _as_numbers(simulated_centres(measurement, model.forward(theta), rng), measurement)

    observed = _as_numbers(measurement.central[None], measurement)[0]
    turn = np.array([2 * np.pi / (q.period or 2 * np.pi) for q in measurement.quantities])
    wide = NEAR * measurement.sigma * turn
    angles = _angles(measurement)
    scale = np.concatenate([np.where(angles, np.minimum(wide, 1.0), wide), np.ones(angles.sum())])
    return Simulation(model.prior, simulator, observed, scale, model.name)


def simulated_centres(
    measurement: GaussianMeasurement, observables: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Central values (N, K) that would be measured at observables (N, K).

    Their density at the central values of `measurement` is its likelihood, up to a constant: for
    `gaussian`, `box` and uncorrelated `two-piece` shapes exactly. Correlated two-piece errors are
    drawn with a Gaussian copula, which is not what their likelihood says, only near it.
    """
    shape = observables.shape
    if measurement.shape == "box":
        low = np.array([q.low - q.central for q in measurement.quantities])
        high = np.array([q.high - q.central for q in measurement.quantities])
        return observables - rng.uniform(low, high, shape)
    pulls = rng.standard_normal(shape) @ np.linalg.cholesky(measurement.correlation).T
    if measurement.shape == "gaussian":
        return observables + measurement.sigma * pulls
    # the likelihood has the upper error where the observable is above the centre
    plus = np.array([q.plus for q in measurement.quantities])
    minus = np.array([q.minus for q in measurement.quantities])
    u, share = ndtr(pulls), minus / (plus + minus)
    below = minus * ndtri(np.minimum(u / (2 * share), 0.5))
    above = plus * ndtri(np.maximum(0.5 + (u - share) / (2 * (1 - share)), 0.5))
    return observables - np.where(u < share, below, above)


def _angles(measurement: GaussianMeasurement) -> np.ndarray:
    return np.array([q.period is not None for q in measurement.quantities])


def _as_numbers(centres: np.ndarray, measurement: GaussianMeasurement) -> np.ndarray:
    """Central values (N, K), angles as sines, and after them the angles' cosines."""
    angles = _angles(measurement)
    if not angles.any():
        return centres
    periods = np.array([q.period or 1.0 for q in measurement.quantities])
    phase = 2 * np.pi * centres / periods
    return np.hstack([np.where(angles, np.sin(phase), centres), np.cos(phase[:, angles])])
