r"""Examples for a lift network: draws of the prior inside a soft box of observables, with noise.

The network is to learn the broad posterior q(theta | c): prior times a normal density of width
omega about c in each transformed observable. Draws theta_i of prior times *any* function g of the
observables, with c_i = T(theta_i) + omega noise, are examples of it wherever g is flat over omega
about c: here g is one inside the range asked for and falls off softly outside, so that it can be
annealed towards. Noise is drawn anew for every batch, and so are moves by the model's declared
symmetries, which change theta and leave the observables.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...base.files import cached_arrays
from ...base.parallel import map_threads
from ...base.progress import progress
from ...base.seeds import stream
from ...core.model import Model
from ...core.target import Target
from ...samplers.mcmc import Walk, evaluate
from ...samplers.smc import SMCSettings, sample_smc
from .coordinates import LiftCoordinates
from .observables import Transforms

_CHAINS = 1024


@dataclass(frozen=True)
class SoftBox:
    """A likelihood that is flat in a box of transformed observables and falls softly outside.

    Attributes:
        transforms: Those of the observables.
        low: Lower ends (m,) in T; for a full circle low + period = high.
        high: Upper ends (m,).
        softness: Standard deviations (m,) of the fall.
    """

    transforms: Transforms
    low: np.ndarray
    high: np.ndarray
    softness: np.ndarray

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, m); zero inside."""
        t = self.transforms.forward(observables)
        middle = 0.5 * (self.low + self.high)
        beyond = np.abs(self.transforms.difference(t, middle)) - 0.5 * (self.high - self.low)
        pulls = np.maximum(beyond, 0) / self.softness
        result = -0.5 * np.einsum("nk,nk->n", pulls, pulls)
        result[np.isnan(result)] = -np.inf
        return result

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in the box."""
        return self.log_likelihood(observables) == 0

    def describe(self) -> dict[str, Any]:
        """Ends in transformed observables, as plain JSON types."""
        return {
            "transforms": list(self.transforms.kinds),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "softness": self.softness.tolist(),
        }


def box_draws(
    model: Model,
    box: SoftBox,
    examples: int,
    seed: int = 0,
    folder: Path | None = None,
    smc: SMCSettings | None = None,
    thin: int = 25,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Draws (N, P) of the prior inside a soft box: annealing, then chains that go on.

    Args:
        model: The model.
        box: Where.
        examples: Number wanted, rounded up to a multiple of the number of particles.
        seed: Seed of everything.
        folder: Where finished stages are kept.
        smc: Effort of the annealing.
        thin: Steps between two draws of a chain.

    Returns:
        The parameters, and what the annealing says of itself.
    """
    target = Target(model, box)
    effort = smc or SMCSettings(runs=4, particles=4096, max_sweeps=1000, max_memory=0.2)
    home = folder / "box" if folder else None
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
    chart = target.raw_chart
    count = effort.runs * effort.particles
    start = sample_smc(target, count, seed, home, effort, chart)
    u = model.prior.to_unit_cube(start.theta)
    rounds = -(-examples // len(u))
    pool = u[stream(seed, "lift", "pool").permutation(len(u))[:4096]]
    walk = Walk(target, chart, pool)

    def run(first: int) -> np.ndarray:
        def compute() -> dict[str, np.ndarray]:
            state = evaluate(target, chart, u[first : first + _CHAINS].copy())
            rng, kept = stream(seed, "lift", "examples", first), []
            for _ in range(rounds):
                state, _ = walk.run(state, thin, rng)
                kept.append(chart.to_parameters(state.u)[0])
            return {"theta": np.stack(kept)}

        path = home / f"examples-{rounds}-{thin}-{first:06d}.npz" if home else None
        return cached_arrays(path, compute)["theta"]

    blocks = []
    with progress("draw examples", -(-len(u) // _CHAINS)) as advance:
        for block in map_threads(run, range(0, len(u), _CHAINS)):
            blocks.append(block)
            advance()
    notes = dict(start.notes) | {"log_volume_of_box": start.log_evidence}
    return np.concatenate(blocks, axis=1).reshape(-1, u.shape[1]), notes


class LiftExamples:
    """Batches of (point of the cube, noisy observables); see the module.

    Args:
        model: With its prior and symmetries.
        theta: Draws (N, P) inside the soft box.
        transforms: Those of the observables.
        omega: Width of the noise (m,).
        seed: Seed of the batches.
    """

    def __init__(
        self,
        model: Model,
        theta: np.ndarray,
        transforms: Transforms,
        omega: np.ndarray,
        seed: int = 0,
    ) -> None:
        self.model = model
        self.theta = theta
        self.transforms = transforms
        self.omega = omega
        self.seed = seed
        self.coordinates = LiftCoordinates(model.prior)
        self.values = transforms.forward(model.forward(theta))

    def batch(self, step: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The examples of a step: points (n, P) of the cube, conditions (n, C)."""
        return self._examples(stream(self.seed, "batch", step), n)

    def sample(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Examples that no step sees."""
        return self._examples(stream(self.seed, "sample"), min(n, len(self.theta)))

    def _examples(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(0, len(self.theta), n)
        theta = self.theta[rows]
        for symmetry in self.model.symmetries:
            theta = self._moved(theta, symmetry.move, rng)
        noisy = self.values[rows] + self.omega * rng.normal(size=(n, len(self.omega)))
        cube = self.coordinates.to_cube(self.coordinates.from_parameters(theta))
        return np.clip(cube, 1e-15, 1 - 1e-15), conditions_of(noisy, self.transforms)

    def _moved(self, theta: np.ndarray, move: Any, rng: np.random.Generator) -> np.ndarray:
        """A symmetry's move, accepted so that the prior stays as it is."""
        moved, log_jacobian = move(theta, rng)
        log_density = self.model.prior.log_density
        with np.errstate(invalid="ignore"):
            ratio = log_density(moved) - log_density(theta) + log_jacobian
            keep = np.log(rng.random(len(theta))) < ratio
        return np.where(keep[:, None], moved, theta)

    def describe(self) -> dict[str, Any]:
        """Number of draws and the SHA-256 of their bytes."""
        return {
            "kind": "lift examples",
            "examples": len(self.theta),
            "sha256": hashlib.sha256(np.ascontiguousarray(self.theta).tobytes()).hexdigest(),
            "omega": self.omega.tolist(),
            "seed": self.seed,
        }


def conditions_of(t: np.ndarray, transforms: Transforms) -> np.ndarray:
    """Conditions (N, C) of transformed observables (N, m): angles by cosine and sine."""
    columns = []
    for column, period in enumerate(transforms.periods):
        if np.isfinite(period):
            turn = 2 * np.pi * t[:, column] / period
            columns += [np.cos(turn), np.sin(turn)]
        else:
            columns.append(t[:, column])
    return np.stack(columns, axis=1)


def condition_names(names: tuple[str, ...], transforms: Transforms) -> list[str]:
    """Names of the C conditions."""
    result = []
    for name, kind in zip(names, transforms.kinds, strict=True):
        result += [f"cos({name})", f"sin({name})"] if kind == "angle" else [f"{kind}({name})"]
    return result
