"""Problems for `lift.py` whose answers are known or have an independent run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm
from two_heavy_kernel import maps

from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import OSCILLATION, nufit


def measured(name: str, central: float, sigma: float) -> Measured:
    """One quantity with a symmetric error."""
    return Measured(name, central, sigma, sigma, central - 3 * sigma, central + 3 * sigma)


class Given(Model):
    """A model whose map is a function of numpy arrays: no derivative is given."""

    def __init__(self, name: str, marginals: list[Any], function: Any, names: list[str]) -> None:
        self.name = name
        self.parameters = tuple(Quantity(f"p{i}") for i in range(len(marginals)))
        self.observables = tuple(Quantity(o) for o in names)
        self.prior = Prior(marginals)
        self._function = function

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """Observables of parameters."""
        return self._function(theta)


@dataclass(frozen=True)
class Problem:
    """A target, its log-evidence where it is an integral, and data sets for coverage."""

    target: Target
    log_evidence: float | None
    redraw: Any = None


def gaussian(names: list[str], values: Any, sigma: Any) -> GaussianMeasurement:
    return GaussianMeasurement([measured(*each) for each in zip(names, values, sigma, strict=True)])


def repeated(model: Model, sigma: np.ndarray) -> Any:
    """``redraw(rng)``: a truth from the prior, and a target with data drawn about it."""
    names = [o.name for o in model.observables]

    def redraw(rng: np.random.Generator) -> tuple[np.ndarray, Target]:
        truth = model.prior.sample(1, rng)
        data = model.forward(truth)[0] + sigma * rng.normal(size=len(sigma))
        return truth[0], Target(model, gaussian(names, data, sigma))

    return redraw


def near(
    model: Model,
    measurement: GaussianMeasurement,
    reach: dict[str, float],
    seed: int = 0,
    folder: Path | None = None,
) -> Any:
    """``redraw(rng)`` for a measurement so sharp that the prior hardly ever comes near it.

    Ranks are uniform for data in any region too, since each posterior is right given its data. So
    truths are drawn in a soft box five errors wider than the region (central values +- `reach`),
    measured, and kept if the data are in the region. The chains that draw them are long: a pool
    that remembers its start is not the prior, and coverage suffers for it.
    """
    from pontecorvo.samplers.smc import SMCSettings
    from pontecorvo.sbi.lift.examples import SoftBox, box_draws
    from pontecorvo.sbi.lift.observables import Transforms

    quantities, names = measurement.quantities, [o.name for o in model.observables]
    central = np.array([q.central for q in quantities])
    half = np.array([reach[name] for name in names])
    sigma = measurement.sigma
    count = len(names)
    plain = Transforms(("identity",) * count, np.full(count, np.nan), np.ones(count))
    wide = half + 5 * sigma
    box = SoftBox(plain, central - wide, central + wide, sigma)
    effort = SMCSettings(runs=4, particles=2000, max_sweeps=5000, max_memory=0.2)
    truths, _ = box_draws(model, box, 16_000, seed, folder, smc=effort, thin=400)

    def redraw(rng: np.random.Generator) -> tuple[np.ndarray, Target]:
        while True:
            truth = truths[rng.integers(len(truths))]
            data = model.forward(truth[None])[0] + sigma * rng.normal(size=count)
            if (np.abs(data - central) < half).all():
                return truth, Target(model, gaussian(names, data, sigma))

    return redraw


def banana(dim: int = 10, bend: float = 0.5) -> Problem:
    """x1 = a, x2 = b + bend a^2, ten standard normal parameters; errors of 1 to 2 per cent."""

    def function(theta: np.ndarray) -> np.ndarray:
        return np.stack([theta[:, 0], theta[:, 1] + bend * theta[:, 0] ** 2], axis=1)

    model = Given("banana", [Normal(0, 1)] * dim, function, ["x1", "x2"])
    values, sigma = np.array([0.8, 0.5]), np.array([0.02, 0.01])
    a = np.linspace(-8, 8, 400_001)
    density = (
        norm.pdf(a)
        * norm.pdf(values[0], a, sigma[0])
        * norm.pdf(values[1], bend * a**2, np.hypot(1, sigma[1]))
    )
    target = Target(model, gaussian(["x1", "x2"], values, sigma))
    return Problem(target, float(np.log(np.trapezoid(density, a))), repeated(model, sigma))


def two_modes() -> Problem:
    """x = a^2 to one per cent, a ~ N(0.4, 1): two separate modes whose weights the prior gives."""
    model = Given("two-modes", [Normal(0.4, 1), Normal(0, 1)], lambda t: t[:, :1] ** 2, ["x"])
    sigma = np.array([0.02])
    a = np.linspace(-8, 8, 2_000_001)
    density = norm.pdf(a, 0.4, 1) * norm.pdf(2.0, a**2, sigma[0])
    target = Target(model, gaussian(["x"], [2.0], sigma))
    return Problem(target, float(np.log(np.trapezoid(density, a))), repeated(model, sigma))


def more_data(bins: int = 12) -> Problem:
    """Amplitude and slope of a decay, seen in twelve bins to two per cent: m > P."""
    times = np.linspace(0.2, 2, bins)
    model = Given(
        "more-data",
        [Uniform(0.5, 4), Uniform(0.1, 2)],
        lambda t: t[:, :1] * np.exp(-t[:, 1:2] * times),
        [f"bin{i}" for i in range(bins)],
    )
    shape = 2.0 * np.exp(-0.9 * times)
    values, sigma = shape * (1 + 0.01 * np.cos(7 * times)), 0.02 * shape
    target = Target(model, gaussian([o.name for o in model.observables], values, sigma))
    axes = np.linspace(1.7, 2.3, 1201), np.linspace(0.7, 1.1, 1201)
    mesh = np.stack([m.ravel() for m in np.meshgrid(*axes, indexing="ij")], axis=1)
    log_density = target.log_prior(mesh) + target.log_likelihood(mesh)
    top = log_density.max()
    grid = np.exp(log_density - top).reshape(1201, 1201)
    z = np.trapezoid(np.trapezoid(grid, axes[1], axis=1), axes[0])
    return Problem(target, float(top + np.log(z)), repeated(model, sigma))


class TwoHeavy(Model):
    r"""A seesaw of two right-handed neutrinos in nine real parameters, normal ordering.

    m_nu = X X^T with X = v Y M^-1/2 (3, 2) in eV^1/2; the phases of the three charged leptons make
    its first column real and positive. The lightest neutrino is massless.
    """

    name = "two-heavy"

    def __init__(self) -> None:
        names = [f"X1[{f}]" for f in ("e", "mu", "tau")]
        names += [f"{part} X2[{f}]" for part in ("Re", "Im") for f in ("e", "mu", "tau")]
        self.parameters = tuple(Quantity(name, unit="eV^1/2") for name in names)
        self.observables = tuple(Quantity(name) for name in OSCILLATION)
        self.prior = Prior([Uniform(0.0, 0.4)] * 3 + [Uniform(-0.4, 0.4)] * 6)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """Observables of parameters."""
        return maps(np.ascontiguousarray(theta), False)[0]

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        """Derivatives (N, 5, 9)."""
        return maps(np.ascontiguousarray(theta), True)[1]


def two_heavy() -> Problem:
    """The nine-parameter seesaw measured by NuFIT 6.0; no closed evidence."""
    model = TwoHeavy()
    measurement = nufit("no")
    return Problem(Target(model, measurement), None, None)


TWO_HEAVY_REACH = {
    "dm2_21": 2e-5,
    "dm2_3l": 7e-4,
    "sin2_theta12": 0.1,
    "sin2_theta13": 0.01,
    "sin2_theta23": 0.15,
}


def two_heavy_near(folder: Path | None = None) -> Problem:
    """The same with data within about 30 % of NuFIT's, for coverage."""
    problem = two_heavy()
    redraw = near(problem.target.model, problem.target.measurement, TWO_HEAVY_REACH, folder=folder)
    return Problem(problem.target, None, redraw)


COVERED: dict[str, Callable[[Path | None], Problem]] = {
    "banana": lambda _: banana(4),
    "two-modes": lambda _: two_modes(),
    "more-data": lambda _: more_data(),
    "two-heavy": two_heavy_near,
}
"""Problems whose data sets are drawn; a folder keeps what the truths of some are drawn from."""


SMALL = {
    "banana": banana,
    "two-modes": two_modes,
    "more-data": more_data,
    "two-heavy": two_heavy,
}
