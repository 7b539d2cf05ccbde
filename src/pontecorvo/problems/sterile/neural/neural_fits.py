"""The neural posterior of a sterile run: every set by every network, weighed by the likelihood."""

import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ....base.files import save_arrays
from ....base.progress import progress
from ....base.seeds import stream
from ....flows.torch_threads import map_torch
from ....samplers.correction import Correction
from ..fits import JOINT, Fit
from ..groups import pairs
from .bundle import SHIPPED, Bundle, load_bundle
from .interface import NeuralDraws, PlaneEstimator
from .misspecification import Misspecification, misspecification
from .plane_flows import best_point
from .ratio import load_ratios
from .refined import weigh_or_refine
from .trained_settings import readable

DRAWS = 500
JOINT_DRAWS = 4000
NODES = 8
"""Of the divergence's quadrature: ESS/N is what twelve give."""
TOYS = 400
KNOWN = "known"
"""The set of all experiments that the networks know, where that is not the joint fit."""


@dataclass(frozen=True)
class NeuralFit:
    """One network's posterior of one set.

    Attributes:
        fit: The set, with its exact posterior.
        kind: ``fmpe`` or ``npse``.
        draws: As the network gave them, or better ones where these are worth little (`refined`).
        weights: Their weights by the exact likelihood.
        seconds: To draw, with densities, and to weigh.
        rounds: How many rounds made the draws better; 0 where they are the network's own.
        raw_efficiency: ESS/N of the network's own draws.
    """

    fit: Fit
    kind: str
    draws: NeuralDraws
    weights: Correction
    seconds: tuple[float, float]
    rounds: int
    raw_efficiency: float

    @property
    def log_bayes_factor(self) -> float:
        """ln of the evidence over no oscillation, by the weights."""
        return self.weights.log_evidence - self.fit.posterior.null_log_likelihood

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        best = best_point(self.draws)
        return {
            "set": self.fit.name,
            "estimator": self.kind,
            "draws": len(self.draws.points),
            "ess_fraction": self.weights.efficiency,
            "raw_ess_fraction": self.raw_efficiency,
            "rounds_of_refinement": self.rounds,
            "k_hat": self.weights.k_hat,
            "verdict": self.weights.verdict,
            "map_log10_s22": best[0],
            "map_log10_dm2": best[1],
            "log_bayes_factor": self.log_bayes_factor,
            "log_bayes_factor_error": self.weights.log_evidence_error,
            "exact_log_bayes_factor": self.fit.posterior.log_bayes_factor,
            "seconds": {"draw": self.seconds[0], "weigh": self.seconds[1]},
        }


@dataclass(frozen=True)
class EvidenceTension:
    """ln R = ln Z(A, B) - ln Z(A) - ln Z(B): negative where two sets pull apart.

    Attributes:
        names: The sets.
        log_r: By each network's weights.
        exact: By the grid.
    """

    names: tuple[str, str]
    log_r: dict[str, float]
    exact: float


@dataclass(frozen=True)
class NeuralResult:
    """Everything the networks say in a run.

    Attributes:
        bundle: The networks.
        fits: By set and network.
        tensions: Pairs of sets by their evidences.
        misfit: Whether the data look like the simulations.
        left_out: Experiments that the networks do not know, each with the reason.
        other_settings: Experiments that they were trained with otherwise (`trained_settings`).
        whole: Name of the largest set: the joint fit, or that of all experiments that they know.
    """

    bundle: Bundle
    fits: dict[str, dict[str, NeuralFit]]
    tensions: list[EvidenceTension]
    misfit: Misspecification
    left_out: dict[str, str]
    other_settings: tuple[str, ...]
    whole: str

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "networks": {k: p.flow.card["calibration"] for k, p in self.bundle.posteriors.items()},
            "fits": [fit.describe() for by in self.fits.values() for fit in by.values()],
            "tensions": [
                {"sets": t.names, "log_r": t.log_r, "exact_log_r": t.exact} for t in self.tensions
            ],
            "misfit": {
                "goodness": self.misfit.goodness,
                "novelty": self.misfit.novelty,
                "simulations": self.misfit.simulations,
                "warning": self.misfit.warning,
            },
            "left_out": self.left_out,
            "other_settings": list(self.other_settings),
        }


def neural_fit(
    posterior: PlaneEstimator, fit: Fit, draws: int, seed: int, nodes: int = NODES
) -> NeuralFit:
    """Draw one set's posterior and weigh it."""
    active = [experiment.name for experiment in fit.experiments]
    start = time.perf_counter()
    drawn = posterior.draw(posterior.embedding.maps.joint.data, draws, seed, active, nodes)
    middle = time.perf_counter()
    known = fit.log_likelihood(drawn.points)
    found = weigh_or_refine(drawn, fit.log_likelihood, known, seed)
    seconds = (middle - start, time.perf_counter() - middle)
    return NeuralFit(
        fit, posterior.kind, found.draws, found.weights, seconds, found.rounds, found.raw_efficiency
    )


def run_networks(
    fits: Mapping[str, Fit],
    seed: int,
    folder: Path = SHIPPED,
    kinds: Sequence[str] | None = None,
) -> NeuralResult | None:
    """Every set that the networks know, by every network; None where they know no experiment.

    Ratio networks that lie in the folder are asked too.

    Args:
        fits: Those of `problems.sterile.fits.sets_of`.
        seed: Seed.
        folder: The networks.
        kinds: Which of them are asked; all that are there by default. If none of these is, the
            first one is, since the learned belts need its reading of the data.

    Raises:
        InputError: If the networks are missing or damaged.
    """
    singles = [fit.experiments[0] for fit in fits.values() if len(fit.experiments) == 1]
    read = readable(folder, singles)
    experiments = read.experiments
    if not experiments:
        return None
    bundle = load_bundle(folder, experiments)
    names = {experiment.name for experiment in experiments}
    fits = with_known(fits, names)
    chosen = {
        name: fit for name, fit in fits.items() if all(e.name in names for e in fit.experiments)
    }
    whole = next(name for name, fit in chosen.items() if len(fit.experiments) == len(names))
    ratios = load_ratios(folder, bundle.embedding)
    there: dict[str, PlaneEstimator] = {**bundle.posteriors, **ratios}
    wanted = [k for k in there if kinds is None or k in kinds] or list(there)[:1]
    estimators = {kind: there[kind] for kind in wanted}
    jobs = [(name, kind) for name in chosen for kind in estimators]

    def one(job: tuple[str, str]) -> NeuralFit:
        name, kind = job
        draws = JOINT_DRAWS if name == whole else DRAWS
        return neural_fit(estimators[kind], chosen[name], draws, seed)

    result: dict[str, dict[str, NeuralFit]] = {name: {} for name in chosen}
    with progress("neural posteriors", len(jobs)) as advance:
        for (name, kind), found in zip(jobs, map_torch(one, jobs), strict=True):
            result[name][kind] = found
            advance(1, chosen[name].title)
    first = next(iter(result[whole].values()))
    rows = first.weights.resample(TOYS, seed)
    active = [experiment.name for experiment in first.fit.experiments]
    data = bundle.embedding.maps.joint.data
    odd = misspecification(bundle.embedding, data, first.draws.points[rows], seed, active)
    tensions = evidence_tensions(estimators, fits, result, seed)
    return NeuralResult(bundle, result, tensions, odd, read.left_out, read.other_settings, whole)


def with_known(fits: Mapping[str, Fit], names: Container[str]) -> dict[str, Fit]:
    """The fits, and where the joint one holds more than is known, one of all known experiments."""
    joint = fits.get(JOINT)
    if joint is None:
        return dict(fits)
    known = tuple(e for e in joint.experiments if e.name in names)
    if any(set(known) == set(fit.experiments) for fit in fits.values()):
        return dict(fits)
    part = replace(joint, name=KNOWN, title="All that the networks know", experiments=known)
    return {KNOWN: part, **fits}


def evidence_tensions(
    estimators: Mapping[str, PlaneEstimator],
    fits: Mapping[str, Fit],
    found: Mapping[str, Mapping[str, NeuralFit]],
    seed: int,
) -> list[EvidenceTension]:
    """Pairs of `groups.PAIRS` that the networks know, by their ratio of evidences."""
    singles = {
        n: f.experiments[0] for n, f in fits.items() if n in found and len(f.experiments) == 1
    }
    template = next(iter(fits.values()))
    known = {frozenset(e.name for e in f.experiments): n for n, f in fits.items() if n in found}
    cache: dict[frozenset[str], tuple[dict[str, float], float]] = {}

    def evidence(members: Sequence[str]) -> tuple[dict[str, float], float]:
        key = frozenset(members)
        if key not in cache:
            if key in known:
                by = dict(found[known[key]])
            else:
                chosen = tuple(singles[n] for n in singles if n in key)
                fit = replace(
                    template, name="+".join(sorted(key)), title="", experiments=chosen, folder=None
                )
                own = int(stream(seed, "tension", *sorted(key)).integers(2**31))
                each = map_torch(
                    lambda e: neural_fit(e, fit, DRAWS, own), list(estimators.values())
                )
                by = dict(zip(estimators, each, strict=True))
            one = next(iter(by.values()))
            values = {kind: fit.log_bayes_factor for kind, fit in by.items()}
            cache[key] = values, one.fit.posterior.log_bayes_factor
        return cache[key]

    result, seen = [], set()
    for names, (first, second) in pairs([*singles], evidence=True).items():
        sides = frozenset([frozenset(first), frozenset(second)])
        if sides in seen:
            continue
        seen.add(sides)
        both, a, b = evidence([*first, *second]), evidence(first), evidence(second)
        log_r = {kind: both[0][kind] - a[0][kind] - b[0][kind] for kind in both[0]}
        result.append(EvidenceTension(names, log_r, both[1] - a[1] - b[1]))
    return result


def write_draws(result: NeuralResult, path: Path) -> None:
    """All draws with log-densities and log weights, one array a set and network (``.npz``)."""
    arrays: dict[str, np.ndarray] = {}
    for name, by in result.fits.items():
        for kind, fit in by.items():
            columns = [*fit.draws.points.T, fit.draws.log_density, fit.weights.log_weights]
            arrays[f"{name}.{kind}"] = np.stack(columns, axis=1)
    save_arrays(path, **arrays)
