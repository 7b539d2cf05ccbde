"""Posterior draws by truncated rounds of flows, for any target or simulator.

Each round simulates from the prior where the last round's density at the observed data is not
negligible, and trains a flow on it: TSNPE (Deistler, Goncalves & Macke, arXiv:2210.04815) with flow
matching or diffusion, TSNPSE (Sharrock et al., arXiv:2210.04872) with scores; see
``docs/truncated-rounds.md``. Where the likelihood is known the last flow's draws are weighted by
it, so that the answer is exact whatever the flow has learned; else they are what the flow says.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.files import fingerprint
from ..base.seeds import stream
from ..core.draws import Draws
from ..core.target import LikelihoodTarget
from ..flows.flow_settings import TrainSettings
from ..flows.networks import NetworkSettings
from ..samplers.correction import UniformCube, weigh
from .flow_estimator import SMALL, FlowEstimator, make_settings
from .rounds import Rounds, RoundSettings, run_rounds
from .simulation import PILOT, Simulation, compressed, simulation_of
from .truncation import CubeProblem, Estimator

FLOWS = ("flow-matching", "diffusion", "npse")
EFFICIENT = 0.02
"""ESS/N below which the last flow is said to miss the posterior."""
SMALL_ERROR = 0.005
"""Median error of the log density below which weights are exact for every purpose: nodes of its
quadrature are doubled until it is reached, and what is left is in the notes."""
LEAKS = 0.2
"""Share of the last flow's draws outside its region above which it has not learned its edge."""


@dataclass(frozen=True)
class TruncatedOptions:
    """How truncated rounds are run.

    Attributes:
        flow: ``flow-matching``, ``diffusion`` (velocity) or ``npse`` (score).
        rounds: Rounds, simulations and proposal; its seed is replaced by the call's.
        train: Effort of each training; None: `FlowEstimator`'s own.
        network: Size of the network.
        nodes: Nodes of the density's quadrature in the rounds; the weights take as many as their
            measured error asks for.
        defensive: Share of draws taken from the prior, which bounds the weights where the flow has
            no mass; used where the likelihood is known.
    """

    flow: str = "flow-matching"
    rounds: RoundSettings = field(default_factory=RoundSettings)
    train: TrainSettings | None = None
    network: NetworkSettings = SMALL
    nodes: int = 12
    defensive: float = 0.05

    def __post_init__(self) -> None:
        make_settings(self.flow, self.network)  # refuses another name
        if not 0 <= self.defensive < 1:
            raise InputError(f"rounds: defensive {self.defensive}; it must lie in [0, 1)")


def truncated_posterior(
    target: LikelihoodTarget | Simulation,
    draws: int = 10_000,
    seed: int = 0,
    folder: Path | None = None,
    *,
    options: TruncatedOptions | None = None,
    show: bool | None = None,
) -> Draws:
    """Draw from a posterior by truncated rounds.

    Args:
        target: Model and measurement, a target that simulates its own data, or a `Simulation`
            (`simulation.simulation_of` says what each needs).
        draws: Number of draws N.
        seed: Seed of everything.
        folder: Where finished rounds are kept, so that a killed run goes on; None keeps nothing.
        options: How; see `TruncatedOptions`.
        show: Progress or not; by default on a terminal.

    Returns:
        For a target: draws (N, P) with log weights prior * likelihood / proposal, and log-evidence.
        For a `Simulation`: equally weighted draws of the last flow inside its region; their
        log-likelihood and evidence are NaN. `notes` holds the books of every round.

    Raises:
        InputError: If the data cannot be simulated, or a round learns nothing.
    """
    if draws < 2:
        raise InputError(f"rounds: {draws} draws; give at least 2")
    options = options or TruncatedOptions()
    simulation = simulation_of(target)
    rounds = train_rounds(simulation, seed, folder, options, show)
    notes: dict[str, Any] = {
        "flow": options.flow,
        "rounds": [asdict(record) for record in rounds.records],
        "simulations": sum(record.new_simulations for record in rounds.records),
    }
    if isinstance(target, Simulation):
        return _as_they_are(simulation, rounds, draws, seed, notes)
    return _weighted(target, rounds, draws, seed, options.defensive, notes)


def train_rounds(
    simulation: Simulation,
    seed: int = 0,
    folder: Path | None = None,
    options: TruncatedOptions | None = None,
    show: bool | None = None,
) -> Rounds:
    """Train the rounds of `truncated_posterior`, in the prior's unit cube.

    Args:
        simulation: Prior, simulator and observed data.
        seed: Seed of everything.
        folder: Where finished rounds are kept, under the fingerprint of what they depend on.
        options: How.
        show: Progress or not.

    Returns:
        The rounds: last estimator, region, books. Data are compressed about the observed ones
        (`simulation.compressed`), so that the estimator's observed data are zeros.
    """
    options = options or TruncatedOptions()
    prior, observed = simulation.prior, simulation.observed
    scale = simulation.spread(int(stream(seed, "rounds-scale").integers(2**63)))

    def simulate(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return compressed(simulation.simulate(prior.from_unit_cube(u), rng), observed, scale)

    def make(number: int, previous: Estimator | None) -> Estimator:
        settings = make_settings(options.flow, options.network)
        return FlowEstimator(
            len(prior), settings, options.train, prior.periodic, nodes=options.nodes
        )

    if folder is not None:
        about: list[Any] = [options.flow, asdict(options.network), options.nodes, simulation.name]
        about += [None if options.train is None else asdict(options.train), observed, scale]
        mark = fingerprint(about)
        folder = folder / f"rounds-{mark[:12]}"
    return run_rounds(
        SupportedCube(len(prior), simulate, simulation.name),
        np.zeros(len(observed)),
        make,
        replace(options.rounds, seed=seed),
        folder,
        show=show,
    )


class SupportedCube(CubeProblem):
    """The unit cube of a prior, less the points that have no data.

    Args:
        dim: Number of coordinates D.
        simulator: ``simulator(u (n, D), rng) -> x (n, K)``, NaN in rows that have no data.
        name: What to call it in errors.
    """

    def __init__(
        self,
        dim: int,
        simulator: Callable[[np.ndarray, np.random.Generator], np.ndarray],
        name: str,
    ) -> None:
        super().__init__(dim, simulator)
        self.name = name
        rng = np.random.default_rng(0)
        self._whole = bool(self.exists(rng.random((PILOT, dim))).all())

    def exists(self, u: np.ndarray) -> np.ndarray:
        """Which points (n,) of the cube have data."""
        rng = np.random.default_rng(0)
        return np.asarray(np.isfinite(self.simulate(u, rng)).all(axis=1))

    def sample_prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` points that have data (n, D)."""
        if self._whole:
            return super().sample_prior(n, rng)
        kept: list[np.ndarray] = []
        tried = 0
        while sum(map(len, kept)) < n:
            u = super().sample_prior(n, rng)
            kept.append(u[self.exists(u)])
            tried += n
            if tried >= 100 * n and sum(map(len, kept)) < 0.001 * tried:
                raise InputError(
                    f"{self.name}: {sum(map(len, kept))} of {tried} points of the prior have data "
                    "that are numbers; truncated rounds need more"
                )
        return np.concatenate(kept)[:n]

    def sample_prior_in_box(
        self, low: np.ndarray, high: np.ndarray, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Those of `n` points of a box that have data."""
        u = super().sample_prior_in_box(low, high, n, rng)
        return u if self._whole else u[self.exists(u)]

    def log_prior(self, theta: np.ndarray) -> np.ndarray:
        """Zero inside, where there are data; -inf elsewhere."""
        result = super().log_prior(theta)
        if not self._whole:
            inside = np.flatnonzero(np.isfinite(result))
            result[inside[~self.exists(theta[inside])]] = -np.inf
        return result


@dataclass(frozen=True)
class _LastFlow:
    """The last round's flow at the observed data, as a proposal."""

    rounds: Rounds

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Points (n, P) of the cube."""
        return self.rounds.estimator.sample(self.rounds.region.observed, n, seed)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Normalised log density (n,)."""
        return self.rounds.estimator.log_density(x, self.rounds.region.observed)


def _weighted(
    target: LikelihoodTarget,
    rounds: Rounds,
    draws: int,
    seed: int,
    defensive: float,
    notes: dict[str, Any],
) -> Draws:
    """The last flow's draws, weighted by the exact likelihood."""
    chart = target.raw_chart
    cube = UniformCube(chart.dim)

    def log_target(u: np.ndarray) -> np.ndarray:
        return target.log_posterior_in(chart, np.clip(u, 0.0, 1.0))

    own = int(stream(seed, "rounds-weighted").integers(2**63))
    flow = rounds.estimator
    assert isinstance(flow, FlowEstimator)
    density_error = flow.refine_density(rounds.region.observed, SMALL_ERROR, own)
    u, correction = weigh(_LastFlow(rounds), log_target, draws, own, defensive, cube)
    theta = chart.to_parameters(np.clip(u, 0.0, 1.0))[0]
    log_prior = target.log_prior(theta)
    proposed = len(u) if defensive == 0 else len(u) - max(round(defensive * len(u)), 1)
    weights = correction.log_weights
    return Draws(
        theta=theta,
        log_weight=weights - weights.max(),
        log_prior=log_prior,
        log_likelihood=target.log_likelihood(theta),
        log_evidence=correction.log_evidence,
        log_evidence_error=correction.log_evidence_error,
        raw_acceptance=float(target.within_three_sigma(theta[:proposed]).mean()),
        ess=correction.ess,
        converged=bool(correction.reliable and correction.efficiency >= EFFICIENT),
        method="rounds",
        # the chart is the prior's own, so the cube's density times the prior is theta's
        log_q=correction.log_q + log_prior,
        notes=notes
        | {
            "defensive": defensive,
            "nodes": flow.nodes,
            "log_density_error": density_error,
            "k_hat": correction.k_hat,
            "verdict": correction.verdict,
            "weighted_efficiency": correction.efficiency,
        },
    )


def _as_they_are(
    simulation: Simulation, rounds: Rounds, draws: int, seed: int, notes: dict[str, Any]
) -> Draws:
    """The last flow's draws inside its region: no likelihood to weigh them by."""
    u = rounds.sample(draws, int(stream(seed, "rounds-draws").integers(2**63)))
    theta = simulation.prior.from_unit_cube(u)
    leakage = rounds.records[-1].leakage
    unknown = float("nan")
    return Draws(
        theta=theta,
        log_weight=np.zeros(draws),
        log_prior=simulation.prior.log_density(theta),
        log_likelihood=np.full(draws, unknown),
        log_evidence=unknown,
        log_evidence_error=unknown,
        raw_acceptance=1 - leakage,
        ess=float(draws),
        converged=bool(leakage <= LEAKS),
        method="rounds",
        notes=notes
        | {"verdict": "no likelihood to weigh by: the draws are as good as the last flow"},
    )
