"""A lift network as a sampler: draws, carried to the measurement, with exact weights."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...base.errors import InputError
from ...base.files import cached_arrays
from ...base.progress import progress
from ...base.seeds import stream
from ...core.draws import Draws
from ...core.target import Target
from ...samplers.correction import correct, mixture_log_density
from ..annealed import LEVELS, Space, anneal, coordinate_features
from .lift import Lift, LiftSettings
from .network import LiftNetwork, LiftNetworkOptions

_BLOCK = 2048
_PILOT = 512
_USELESS = 0.02


@dataclass(frozen=True)
class Cloud:
    """What the network gave, before the lift.

    Attributes:
        theta: Parameters (N, P).
        log_q: Log-density (N,) in theta; NaN where a draw is out of floating-point reach.
        log_p: Log-density p(c) (N,) of the values below that were drawn.
        c: Transformed values (N, m) that the draws were conditioned on.
        notes: Solver and errors of the density.
    """

    theta: np.ndarray
    log_q: np.ndarray
    log_p: np.ndarray
    c: np.ndarray
    notes: dict[str, Any]


class Asked:
    """A network, asked about one measurement.

    Args:
        network: The network.
        target: Model and measurement.
        options: How.
        seed: Seed of the pilot draws that set the lift's factors.

    Raises:
        InputError: If the network does not serve this target.
    """

    def __init__(
        self, network: LiftNetwork, target: Target, options: LiftNetworkOptions, seed: int = 0
    ) -> None:
        self.network = network
        self.target = target
        self.options = options
        network.check_names(target)
        plain = LiftSettings(
            k=1.0,
            eps=options.eps,
            steps=options.steps,
            transforms=dict(zip(network.names, network.transforms.kinds, strict=True)),
        )
        lift = Lift(target, plain, seed)
        network.check(lift)
        self.sharp = lift.sigma < network.omega  # observables that are contracted
        self.centre, self.sigma = lift.centre, lift.sigma
        self.coordinates = lift.coordinates
        pilot = self.cloud(_PILOT, int(stream(seed, "lift", "pilot").integers(2**31)), False)
        with np.errstate(all="ignore"):
            t = network.transforms.forward(target.model.forward(pilot.theta))
            residual = np.abs(network.transforms.difference(t, pilot.c))
        if not np.isfinite(residual).all(axis=1).any():
            raise InputError("lift network: none of its draws has observables")
        width = np.nanquantile(residual, 0.68, axis=0)
        k = np.where(self.sharp, np.maximum(options.beyond * width / self.sigma, 1.0), 1.0)
        named = dict(zip(network.names, k.tolist(), strict=True))
        self.lift = Lift(target, replace(plain, k=named), seed)
        self.cloud_width = width / self.sigma

    def cloud(
        self,
        n: int,
        seed: int,
        with_density: bool = True,
        advance: Callable[[float], None] | None = None,
    ) -> Cloud:
        """Draw n points of the broad posterior."""
        network, options = self.network, self.options
        wide = np.sqrt(self.sigma**2 + network.omega**2)
        shift = np.where(self.sharp, 0.0, wide) * stream(seed, "lift", "values").normal(
            size=(n, len(wide))
        )
        c = self.centre + shift
        log_p = np.where(
            self.sharp, 0.0, -0.5 * (shift / wide) ** 2 - np.log(wide * np.sqrt(2 * np.pi))
        ).sum(axis=1)
        condition = network.condition(c)
        drawn = network.flow.sample(
            condition,
            n,
            int(stream(seed, "lift", "flow").integers(2**63)),
            with_density=with_density,
            nodes=options.nodes,
            derivatives=options.derivatives,
            advance=advance,
        )
        u = np.clip(drawn.u, 1e-15, 1 - 1e-15)
        log_q = np.zeros(n) if drawn.log_density is None else drawn.log_density.copy()
        safe = round(options.defensive * n) if with_density else 0
        if safe:
            u[:safe] = stream(seed, "lift", "safe").random((safe, u.shape[1]))
            log_q[:safe] = network.flow.log_density(u[:safe], condition[:safe], nodes=options.nodes)
            log_q = mixture_log_density(log_q, np.zeros(n), safe / n)
        theta = self.coordinates.to_parameters(self.coordinates.from_cube(u))
        bad = ~np.isfinite(theta).all(axis=1)
        theta[bad] = self.target.model.prior.from_unit_cube(
            np.full((int(bad.sum()), len(u.T)), 0.5)
        )
        log_q = log_q + self.target.log_prior(theta)  # from the cube to the parameters
        log_q[bad] = np.nan
        report = drawn.report.describe() if drawn.report else None
        return Cloud(theta, log_q, log_p, c, dict(drawn.settings) | {"density": report})

    def _log_noise(self, t: np.ndarray, c: np.ndarray) -> np.ndarray:
        """Log-density (N,) of the values c (N, m) that were drawn, given transformed T (N, m)."""
        omega = self.network.omega
        pull = self.network.transforms.difference(t, c) / omega
        log_density = -0.5 * pull**2 - np.log(omega * np.sqrt(2 * np.pi))
        return np.asarray(np.where(self.sharp, 0.0, log_density).sum(axis=1))

    def annealed(self, cloud: Cloud, seed: int) -> tuple[Cloud, dict[str, Any]]:
        """The cloud carried towards the broad posterior by annealed steps (`sbi.annealed`).

        Its ``log_q`` is then what makes the weights those of the steps.
        """
        target, dim = self.target, self.coordinates.dim
        broad = Target(target.model, self.lift.broad())

        def parameters(cube: np.ndarray) -> np.ndarray:
            return self.coordinates.to_parameters(self.coordinates.from_cube(cube))

        def transformed(theta: np.ndarray) -> np.ndarray:
            with np.errstate(all="ignore"):
                return self.network.transforms.forward(target.model.forward(theta))

        def log_target(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            theta = parameters(points[:, :dim])
            value = np.full(len(theta), -np.inf)
            good = np.isfinite(theta).all(axis=1)
            noise = self._log_noise(transformed(theta[good]), points[good, dim:])
            value[good] = broad.log_likelihood(theta[good]) + noise
            return np.where(np.isfinite(value), value, -np.inf)

        def features(points: np.ndarray, log_density: np.ndarray) -> np.ndarray:
            t = transformed(parameters(points[:, :dim]))
            residual = self.network.transforms.difference(t, points[:, dim:]) / self.network.omega
            known = coordinate_features(points[:, :dim], self.coordinates.periodic)
            return np.concatenate([known, residual, log_density[:, None]], axis=1)

        cube = self.coordinates.to_cube(self.coordinates.from_parameters(cloud.theta))
        points = np.concatenate([cube, cloud.c], axis=1)
        rng = np.random.default_rng(0)  # not used: nothing is drawn anew
        value = log_target(points, rng)
        log_prior = target.log_prior(cloud.theta)
        log_weight = value + log_prior - cloud.log_q - cloud.log_p
        alive = np.flatnonzero(np.isfinite(log_weight) & np.isfinite(cube).all(axis=1))
        periodic = np.append(self.coordinates.periodic, np.zeros(cloud.c.shape[1], dtype=bool))
        space = Space(slice(0, dim), periodic, log_target, features)
        each = max(self.options.anneal // LEVELS, 1)
        done = anneal(space, points[alive], log_weight[alive], value[alive], seed, LEVELS, each)
        theta, log_q = cloud.theta.copy(), cloud.log_q.copy()
        theta[alive] = parameters(done.u[:, :dim])
        log_q[alive] = (
            log_target(done.u.copy(), rng)
            + target.log_prior(theta[alive])
            - cloud.log_p[alive]
            - done.log_weight
        )
        return replace(cloud, theta=theta, log_q=log_q), done.notes

    def carried(self, cloud: Cloud) -> dict[str, np.ndarray]:
        """Carry a cloud to the measurement: everything that weights are made of, each (n, ...)."""
        n, network, target = len(cloud.theta), self.network, self.target
        part = self.lift.carry(cloud.theta)
        good = part.arrived & np.isfinite(cloud.log_q)
        log_likelihood, log_weight = np.full(n, -np.inf), np.full(n, -np.inf)
        accepted = np.zeros(n, dtype=bool)
        log_q = np.full(n, np.nan)
        if good.any():
            theta = part.theta[good]
            log_likelihood[good] = target.log_likelihood(theta)
            accepted[good] = target.within_three_sigma(theta)
            t = network.transforms.forward(target.model.forward(theta))
            log_q[good] = (cloud.log_q - part.log_volume + cloud.log_p)[good]
            log_q[good] -= self._log_noise(t, cloud.c[good])
            log_weight[good] = target.log_prior(theta) + log_likelihood[good] - log_q[good]
        return {
            "theta": part.theta,
            "log_likelihood": log_likelihood,
            "log_weight": log_weight,
            "log_q": log_q,
            "arrived": good,
            "accepted": accepted,
        }


def _arrays(cloud: Cloud) -> dict[str, np.ndarray]:
    return {name: getattr(cloud, name) for name in ("theta", "log_q", "log_p", "c")}


def sample_lift_network(
    target: Target,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    *,
    network: LiftNetwork,
    options: LiftNetworkOptions | None = None,
) -> Draws:
    """Draw from the posterior with a lift network.

    Args:
        target: Model and measurement; the measured values within the network's range.
        draws: Number of draws, those that were lost on the way among them.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        network: The network.
        options: How it is used.

    Returns:
        Weighted draws with log-evidence; the lost ones are counted in the notes.

    Raises:
        InputError: If the network does not serve the target, or none of its draws has any weight.
    """
    options = options or LiftNetworkOptions()
    asked = Asked(network, target, options, seed)
    blocks = [
        (index, start, min(_BLOCK, draws - start))
        for index, start in enumerate(range(0, draws, _BLOCK))
    ]

    def kept(name: str, compute: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        return cached_arrays(folder / f"lift-{name}.npz" if folder else None, compute)

    def drawn(index: int, size: int) -> dict[str, np.ndarray]:
        own = int(stream(seed, "lift-network", index).integers(2**31))
        return _arrays(asked.cloud(size, own, advance=advance))

    with progress("draw from the lift network", draws) as advance:
        clouds = [
            kept(f"network-{index:05d}", partial(drawn, index, size)) for index, _, size in blocks
        ]
    whole = {name: np.concatenate([part[name] for part in clouds]) for name in clouds[0]}
    done: dict[str, Any] = {}
    if options.anneal:

        def steps() -> dict[str, np.ndarray]:
            cloud, about = asked.annealed(Cloud(**whole, notes={}), seed)
            return _arrays(cloud) | {"notes": np.array(json.dumps(about))}

        whole = kept("annealed", steps)
        done = {"annealed": json.loads(str(whole.pop("notes")))}
    parts = []
    with progress("lift draws", draws) as advance:
        for index, start, size in blocks:
            rows = slice(start, start + size)
            cloud = Cloud(**{name: values[rows] for name, values in whole.items()}, notes={})
            parts.append(kept(f"carried-{index:05d}", partial(asked.carried, cloud)))
            advance(size)
    every = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    good = np.isfinite(every["log_weight"])
    if not good.any():
        raise InputError(
            "lift network: none of its draws has any posterior weight; use --method lift"
        )
    correction = correct(every["log_weight"], np.zeros(draws))
    log_weight = every["log_weight"][good]
    theta = every["theta"][good]
    notes = {
        "lift": asked.lift.describe(),
        "options": options.describe(),
        "cloud_width_in_sigma": dict(zip(network.names, asked.cloud_width.tolist(), strict=True)),
        "proposals": draws,
        "draws_lost": int((~every["arrived"]).sum()),
        "k_hat": correction.k_hat,
        "verdict": correction.verdict,
        "weighted_ess": correction.ess,
        "weighted_efficiency": correction.efficiency,
    } | done
    return Draws(
        theta=theta,
        log_weight=log_weight - log_weight.max(),
        log_prior=target.log_prior(theta),
        log_likelihood=every["log_likelihood"][good],
        log_evidence=correction.log_evidence,
        log_evidence_error=correction.log_evidence_error,
        raw_acceptance=float(every["accepted"].mean()),
        ess=correction.ess,
        converged=bool(correction.reliable and correction.efficiency >= _USELESS),
        method="lift network",
        log_q=every["log_q"][good],
        notes=notes,
    )
