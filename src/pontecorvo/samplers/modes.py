"""All separate modes of a posterior, with their weights and the evidence.

1. **Seeds**: least squares from thousands of starts (`mode_seeds`), once more from around what was
   found and from its images under the model's declared symmetries. An image is only a start: it
   counts if it is a minimum by itself.
2. **Clouds**: each seed starts a small ensemble of chains that fills its mode (`mode_clouds`); a
   mixture of Student t densities is fitted to each, and together they are the proposal. Thin tails
   are followed from the seeds (`mode_ridges`). Components are added where weights are still large
   (A. E. Raftery & L. Bao, Biometrics 66 (2010) 1162).
3. **Draws**: fresh and independent, from the mixture as it then stands. Their weights are exact, so
   that the evidence is unbiased whatever the mixture has become.

What no start leads to is not seen by weights either. So the notes say which share of the evidence
lies in modes that a single start found (in the spirit of I. J. Good, Biometrika 40 (1953) 237), and
an independent sampler should agree: see `samplers.smc`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.files import cached_arrays
from ..base.parallel import map_threads, one_blas_thread
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import Chart
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.target import Target
from .levenberg import Residuals
from .mcmc import evaluate
from .mode_clouds import explore, fit_cloud, merge
from .mode_ridges import follow, thin_places
from .mode_seeds import find_seeds, residual_function
from .mode_table import ModeFit, connect, mode_table
from .student_mixture import StudentMixture, improve

_BLOCK = 50_000
_PILOT = 20_000
_TAILS = 0.2  # most of the draws that start in thin tails
_TEMPERATURES = (4.0, 2.0)
"""Mixtures are fitted to posterior^(1/4) and posterior^(1/2): they reach beyond what it needs."""
_SHARES = (0.3, 0.7)
_CLOUD = 4000
"""Most points of a cloud that its mixture is fitted to."""
_HEAVY = 20.0
"""Times the mean weight, above which a draw asks for a component."""


@dataclass(frozen=True)
class ModeSettings:
    """Effort of the search.

    Attributes:
        starts: Starts of least squares, from the prior.
        second_starts: Starts of the second round, around what the first has found.
        seeds: Most seeds that go on.
        members: Chains of one seed's ensemble, even.
        steps: Moves of each chain at each temperature.
        snapshots: Times that positions are gathered.
        cloud_components: Most components of one cloud.
        rounds: Most rounds of added components.
        new_components: Most components added in a round.
        round_draws: Draws of a round.
        efficiency: ESS/N at which the rounds end.
        draws: Fewest final draws, before resampling.
        most_draws: Most final draws.
        precision: Error of ln Z at which final draws end, once they also suffice for resampling.
    """

    starts: int = 16_000
    second_starts: int = 4_000
    seeds: int = 200
    members: int = 48
    steps: int = 300
    snapshots: int = 30
    cloud_components: int = 64
    rounds: int = 12
    new_components: int = 40
    round_draws: int = 50_000
    efficiency: float = 0.25
    draws: int = 100_000
    most_draws: int = 1_000_000
    precision: float = 0.005


def sample_modes(
    target: Target,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    settings: ModeSettings | None = None,
    chart: Chart | None = None,
) -> Draws:
    """Draw from a posterior of many separate modes, with its evidence.

    Args:
        target: Model and measurement; the measurement needs central values and errors.
        draws: Number of equally weighted draws.
        seed: Seed of everything.
        folder: Where finished stages are kept, so that a killed run resumes.
        settings: Effort.
        chart: Coordinates, by default the raw parameters through the prior's map.

    Returns:
        Equally weighted draws, the log-evidence with its standard error, and `notes["modes"]`: for
        each mode its position, share of the evidence with error, and the starts that found it.
        `chain` numbers the mode of each draw. `converged` says that the Pareto tail of the weights
        is trusted and that no more than 1 % of the evidence was found by a single start.
    """
    settings = settings or ModeSettings()
    chart = chart or target.raw_chart
    fit = fit_modes(target, seed, folder, settings, chart)
    u, log_weight = _final(target, chart, fit, draws, seed, folder, settings)
    log_z, error = iw.log_evidence(log_weight)
    ess, tail = iw.kish_ess(log_weight), iw.pareto_k(log_weight)
    weight = weights_from_logs(log_weight)
    index = systematic_resample(weight, draws, stream(seed, "modes", "resample"))
    table, labels = mode_table(target, chart, fit, u, weight)
    theta, _ = chart.to_parameters(u[index])
    lonely = sum(row["share"] for row in table if row["starts"] <= 1)
    trusted = iw.tail_trusted(ess / len(u), tail, iw.k_limit(len(u)))
    inside = np.isfinite(log_weight)
    all_theta, _ = chart.to_parameters(u[inside])
    return Draws(
        theta=theta,
        log_weight=np.zeros(draws),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=log_z,
        log_evidence_error=error,
        raw_acceptance=float(target.within_three_sigma(all_theta).sum() / len(u)),
        ess=float(min(ess, len(np.unique(index)))),
        converged=bool(trusted and lonely < 0.01),
        method="modes",
        chain=labels[index],
        notes={
            "chart": chart.name,
            "modes": table,
            "components": len(fit.mixture),
            "proposals": len(u),
            "effective_sample_size": ess,
            "pareto_k": tail,
            "share_found_by_one_start": float(lonely),
            **fit.notes,
        },
    )


def fit_modes(
    target: Target, seed: int, folder: Path | None, settings: ModeSettings, chart: Chart
) -> ModeFit:
    """Seeds, clouds and refined mixture of a target; kept in `folder` once finished."""

    def seeds() -> dict[str, np.ndarray]:
        return find_seeds(
            target, chart, settings.starts, settings.second_starts, settings.seeds, seed
        )

    def mixture() -> dict[str, np.ndarray]:
        start = cached_arrays(folder / "modes-seeds.npz" if folder else None, seeds)
        return _fitted(target, chart, start, settings, seed)

    kept = cached_arrays(folder / "modes-mixture.npz" if folder else None, mixture)
    names = ("residual_calls", "seeds", "clouds", "tails", "rounds", "refined_efficiency")
    notes = dict(zip(names, kept["numbers"].tolist(), strict=True))
    fitted = StudentMixture(kept["weights"], kept["means"], kept["roots"])
    return ModeFit(fitted, kept["mode"], kept["ends"], notes)


def _fitted(
    target: Target,
    chart: Chart,
    start: dict[str, np.ndarray],
    settings: ModeSettings,
    seed: int,
) -> dict[str, np.ndarray]:
    """Clouds around the seeds, and the mixture of all that is fitted to them."""

    def log_p(u: np.ndarray) -> np.ndarray:
        return log_target(target, chart, u)

    residuals = residual_function(target, chart)
    rng = stream(seed, "modes", "clouds")
    groups, dim = start["u"].shape
    z = rng.standard_normal((groups, settings.members, dim))
    u = start["u"][:, None] + np.einsum("gab,gmb->gma", start["roots"], z)
    u = np.clip(u, 1e-12, 1 - 1e-12)
    u[:, 0] = start["u"]
    parts: list[StudentMixture] = []
    shares: list[float] = []
    with one_blas_thread():
        for temperature, share in zip(_TEMPERATURES, _SHARES, strict=True):
            clouds = _clouds(log_p, u, temperature, settings, rng)
            parts += clouds
            shares += [share / len(clouds)] * len(clouds)
        parts, shares, probes = _with_ridges(log_p, residuals, start["u"], parts, shares, rng)
        mixture, rounds, efficiency, x, weight = _refine(log_p, parts, shares, settings, seed)
    return {
        "weights": mixture.weights,
        "means": mixture.means,
        "roots": mixture.roots,
        "mode": connect(mixture, x, weight),
        "ends": start["ends"],
        "numbers": np.array(
            [start["calls"], groups, len(clouds), probes, rounds, efficiency], float
        ),
    }


def _with_ridges(
    log_p: Callable[[np.ndarray], np.ndarray],
    residuals: Residuals,
    seeds: np.ndarray,
    parts: list[StudentMixture],
    shares: list[float],
    rng: np.random.Generator,
) -> tuple[list[StudentMixture], list[float], int]:
    """Mixtures and shares with what thin tails of the modes need, and its components."""
    mixture = _joined(parts, shares)
    x = mixture.draw(_PILOT, rng)
    log_z, _ = iw.log_evidence(log_p(x) - mixture.log_density(x))
    more = thin_places(mixture, follow(residuals, seeds), log_p, log_z)
    if more is None:
        return parts, shares, 0
    share = min(float(more.weights.sum()), _TAILS)
    more = more.weighted(more.weights)
    return [*parts, more], [*(s * (1 - share) for s in shares), share], len(more)


def _joined(parts: list[StudentMixture], shares: list[float]) -> StudentMixture:
    """One mixture of several, in these shares."""
    every = np.array(shares)
    return StudentMixture(
        np.concatenate([p.weights * s for p, s in zip(parts, every, strict=True)]),
        np.concatenate([p.means for p in parts]),
        np.concatenate([p.roots for p in parts]),
    )


def _clouds(
    log_p: Callable[[np.ndarray], np.ndarray],
    u: np.ndarray,
    temperature: float,
    settings: ModeSettings,
    rng: np.random.Generator,
) -> list[StudentMixture]:
    """Mixtures of the clouds that ensembles (G, P, D), moved in place, have become."""
    with progress(f"fill modes, temperature {temperature:g}", settings.steps) as advance:
        points, values = explore(
            lambda x: log_p(x) / temperature, u, settings.steps, settings.snapshots, rng, advance
        )
    number, dim = merge(points), u.shape[2]
    streams = rng.spawn(int(number.max()) + 1)

    def fit(cloud: int) -> StudentMixture | None:
        x, value = points[number == cloud].reshape(-1, dim), values[number == cloud].ravel()
        few = streams[cloud].permutation(len(x))[:_CLOUD]
        few = few[np.isfinite(value[few])]
        if len(few) < 20 * dim:
            return None
        return fit_cloud(x[few], value[few], settings.cloud_components, streams[cloud])

    return [part for part in map_threads(fit, range(len(streams))) if part is not None]


def _refine(
    log_p: Callable[[np.ndarray], np.ndarray],
    parts: list[StudentMixture],
    shares: list[float],
    settings: ModeSettings,
    seed: int,
) -> tuple[StudentMixture, int, float, np.ndarray, np.ndarray]:
    """Give clouds their weights and add components; also the last round's draws and weights."""
    mixture = _joined(parts, shares)
    floor = mixture.weights  # every cloud keeps a part of what it has here, whatever EM makes of it
    with progress("refine modes", settings.rounds) as advance:
        for number in range(settings.rounds):
            rng = stream(seed, "modes", "refine", number)
            x = mixture.draw(settings.round_draws, rng)
            weight = weights_from_logs(log_p(x) - mixture.log_density(x))
            efficiency = float(1 / np.sum(weight**2) / len(x))
            new = _where_heavy(mixture, x, weight, settings.new_components)
            added = 0 if new is None else len(new)
            advance(1, f"{len(mixture)} components, {added} to come, ESS/N {efficiency:.2f}")
            if number == settings.rounds - 1 or (efficiency >= settings.efficiency and not added):
                break
            # shapes stay: they were fitted to more points than a round has
            weights = 0.8 * improve(mixture, x, weight).weights + 0.2 * floor / floor.sum()
            mixture = mixture.weighted(weights)
            if new is not None:
                mixture, floor = mixture.join(new), np.append(floor, 0.1 * new.weights)
                mixture = mixture.weighted(mixture.weights)
    return mixture, number + 1, efficiency, x, weight


def log_target(target: Target, chart: Chart, u: np.ndarray) -> np.ndarray:
    """Log of prior * likelihood in the cube (N,) at points u (N, D); -inf outside of it."""
    out = np.full(len(u), -np.inf)
    inside = np.all((u >= 0) & (u <= 1), axis=1)
    if inside.any():
        out[inside] = evaluate(target, chart, u[inside]).log_density
    out[np.isnan(out)] = -np.inf
    return out


def _where_heavy(
    mixture: StudentMixture, x: np.ndarray, weight: np.ndarray, count: int
) -> StudentMixture | None:
    """Components at the draws that carry too much weight, shaped by the draws around them."""
    dim = x.shape[1]
    weight = weight.copy()
    used = np.zeros(len(x), bool)
    means, roots, heights = [], [], []
    for _ in range(count):
        top = int(np.argmax(np.where(used, 0.0, weight)))
        if used[top] or weight[top] * len(x) < _HEAVY:
            break
        parent = int(np.argmax(mixture.log_terms(x[top : top + 1])[0]))
        scaled = (x - x[top]) @ mixture.inverse_roots[parent].T
        near = np.argsort(np.einsum("nd,nd->n", scaled, scaled))[: 20 * dim]
        near = near[~used[near]]
        local = weight[near] + 1 / len(x)
        local = np.minimum(local, np.sort(local)[-max(dim, 3) :].min())
        offset = x[near] - x[top]
        scale = np.einsum("n,na,nb->ab", local / local.sum(), offset, offset)
        parent_scale = mixture.roots[parent] @ mixture.roots[parent].T
        roots.append(np.linalg.cholesky(scale + 0.02 * parent_scale))
        means.append(x[top])
        heights.append(weight[near].sum())
        used[near] = True
    if not means:
        return None
    return StudentMixture(0.5 * np.array(heights), np.array(means), np.array(roots))


def _final(
    target: Target,
    chart: Chart,
    fit: ModeFit,
    draws: int,
    seed: int,
    folder: Path | None,
    settings: ModeSettings,
) -> tuple[np.ndarray, np.ndarray]:
    """Fresh draws u (N, D) of the mixture and their log weights (N,), in kept blocks."""
    blocks: list[dict[str, np.ndarray]] = []
    with progress("draw modes") as advance, one_blas_thread():
        while len(blocks) * _BLOCK < settings.most_draws:
            number = len(blocks)

            def block(number: int = number) -> dict[str, np.ndarray]:
                u = fit.mixture.draw(_BLOCK, stream(seed, "modes", "draws", number))
                log_q = fit.mixture.log_density(u)
                return {"u": u, "log_weight": log_target(target, chart, u) - log_q}

            path = folder / f"modes-draws-{number}.npz" if folder else None
            blocks.append(cached_arrays(path, block))
            log_weight = np.concatenate([block["log_weight"] for block in blocks])
            advance(1)
            if len(log_weight) < settings.draws or not np.isfinite(log_weight).any():
                continue
            enough = iw.kish_ess(log_weight) >= 1.5 * draws
            if enough and iw.log_evidence(log_weight)[1] <= settings.precision:
                break
    return np.concatenate([block["u"] for block in blocks]), log_weight


def describe(table: list[dict[str, Any]], names: list[str], most: int = 40) -> str:
    """The table of modes as text: share, error, starts and the best point of each."""
    lines = [
        f"{'share':>9} {'error':>8} {'starts':>6} {'chi2':>7}  best point ({', '.join(names)})"
    ]
    for row in table[:most]:
        point = " ".join(f"{row['best'][name]:.5g}" for name in names)
        lines.append(
            f"{row['share']:9.5f} {row['error']:8.5f} {row['starts']:6d} "
            f"{row['chi2']:7.2f}  {point}"
        )
    return "\n".join(lines)
