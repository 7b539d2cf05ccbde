r"""Evidence and draws of a model whose two mass matrices share one small parameter.

Masses need the matrix of one sector, mixing angles both. So each sector is annealed by itself to
its own data, with evidences Z_e and Z_nu, and the draws of both are paired:

.. math:: Z = Z_e\, Z_\nu\; \mathrm{mean}_{k,l}\left[
    \frac{|I_k \cap J_l|}{|I_k|\,|J_l|}\; L_{\rm mix}(U_k^\dagger V_l)\right]

where I and J are the prior probabilities of the ranges of the shared parameter over which the same
matrices are possible (`sector_split`), and U, V the left rotations. A thousand draws of each make a
million pairs, and a pair costs one product of matrices: angles that annealing meets only after
thousands of moves are met by some of the pairs. The mean over pairs is unbiased (W. Hoeffding, Ann.
Math. Stat. 19 (1948) 293), as annealing's evidences are; the error is the scatter of independent
replicates of it all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...base.errors import InputError
from ...base.seeds import stream
from ...core.draws import Draws, systematic_resample
from ...core.measurement import Measured
from ...core.target import LikelihoodTarget, Target
from ...samplers.smc import SMCSettings, sample_smc
from .mass_matrix_model import ANGLES, NEUTRINO, MassMatrixModel
from .pair_kernel import pair_sums, row_terms
from .sector_model import sector_target
from .sector_split import SectorSplit

_LIMIT = 80.0  # chi2 of the three angles beyond which a pair counts as none
_ELSE = SMCSettings(runs=3, particles=1200, max_sweeps=60)
"""Annealing of all parameters at once, where pairs do not serve: a guide, not converged."""
_TRUSTED = 0.3  # error of ln Z below which the replicates' scatter is one


@dataclass(frozen=True)
class SectorSettings:
    """Effort.

    Attributes:
        replicates: Independent estimates of the evidence.
        particles: Draws of each sector in each.
        sweeps: Most moves at one temperature.
        copies: Rotations made of each draw by turning the phases that masses do not feel.
    """

    replicates: int = 8
    particles: int = 2000
    sweeps: int = 20
    copies: int = 8


@dataclass(frozen=True)
class _Sector:
    """Draws of one sector: parameters (N, P), rotations (N, 3, 3), ranges (N, 2), run (N,)."""

    theta: np.ndarray
    columns: list[int]
    rotation: np.ndarray
    range: np.ndarray
    run: np.ndarray
    log_evidence: np.ndarray

    def of(self, run: int) -> "_Sector":
        """The draws of one replicate."""
        mine = self.run == run
        return _Sector(
            self.theta[mine], self.columns, self.rotation[mine], self.range[mine], self.run[mine],
            self.log_evidence,
        )  # fmt: skip


@dataclass(frozen=True)
class _Pairs:
    """Weights of one replicate's pairs, by row and by column."""

    charged: _Sector
    neutrino: _Sector
    rows: np.ndarray
    columns: np.ndarray
    squares: float
    log_z: float


def sample_two_sectors(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    settings: SectorSettings | None = None,
) -> Draws:
    """Evidence and draws by pairs; see the module's text.

    Args:
        target: A `MassMatrixModel` with `sectors`, and independent Gaussian errors.
        draws: Number of equally weighted draws.
        seed: Seed of everything.
        folder: Where the annealed particles are kept, so that a killed run resumes.
        settings: Effort.

    Returns:
        Equally weighted draws, resampled from the pairs; the log-evidence with its standard error
        over replicates. `converged` says that this error is below 0.3 and that no replicate has
        more than half of the evidence. Where no pair comes near the measured angles, all parameters
        are annealed at once instead (method ``smc``, not converged).

    Raises:
        InputError: If the model has no sectors, or errors are not independent and Gaussian.
    """
    settings = settings or SectorSettings()
    split, parts = _parts(target)
    angles = parts["angles"]
    central = np.array([q.central for q in angles])
    inverse = 1 / np.array([q.sigma for q in angles])
    model: Any = target.model
    sector = {}
    for name in ("charged", "neutrino"):
        one = sector_target(model, split, name == "neutrino", parts[name])
        own = int(stream(seed, "sectors", name).integers(2**31))
        kept = folder / name if folder else None
        sector[name] = _annealed(one, settings, own, kept)
    charged, neutrino = sector["charged"], sector["neutrino"]
    constant = float(np.sum(np.log(inverse)) - 1.5 * np.log(2 * np.pi))
    pairs = [
        _pair(charged.of(run), neutrino.of(run), run, constant, central, inverse)
        for run in range(settings.replicates)
    ]
    values = np.array([pair.log_z for pair in pairs])
    top = values.max()
    if not np.isfinite(top):  # no pair comes near the angles: the model is far from the data
        return replace(sample_smc(target, draws, seed, folder, _ELSE), converged=False)
    relative = np.exp(values - top)
    mean = float(relative.mean())
    error = float(relative.std(ddof=1) / np.sqrt(len(relative)) / mean)
    rng = stream(seed, "sectors", "draws")
    theta, notes = _resampled(pairs, model, split, draws, central, inverse, rng)
    return Draws(
        theta=theta,
        log_weight=np.zeros(len(theta)),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=float(top + np.log(mean)),
        log_evidence_error=error,
        raw_acceptance=float(target.within_three_sigma(theta).mean()),
        ess=min(notes.values()),
        converged=bool(error < _TRUSTED and relative.max() < 0.5 * relative.sum()),
        method="sectors",
        notes={
            "chart": "parameters",
            "log_evidence_of_runs": values.tolist() if np.isfinite(values).all() else [],
            **notes,
        },
    )


def _parts(target: LikelihoodTarget) -> tuple[SectorSplit, dict[str, list[Measured]]]:
    """The model's split, and what was measured of each sector and of mixing."""
    model: Any = target.model
    split = getattr(model, "sectors", None)
    if not isinstance(model, MassMatrixModel) or split is None:
        raise InputError(
            f"method sectors: the model {model.name!r} does not say which parameters belong to "
            "charged leptons and which to neutrinos; use smc or modes"
        )
    split.check(model.prior)
    measurement: Any = target.measurement
    if not (getattr(measurement, "is_gaussian", False) and _independent(measurement)):
        raise InputError("method sectors: needs independent Gaussian errors; use smc")
    measured = {q.name: q for q in measurement.quantities}
    for name in ANGLES:
        if name not in measured:
            raise InputError(f"method sectors: needs {name} measured; use smc")
    parts: dict[str, list[Measured]] = {"charged": [], "neutrino": []}
    for name, quantity in measured.items():
        if name not in ANGLES:
            parts["neutrino" if name in NEUTRINO else "charged"].append(quantity)
    return split, {**parts, "angles": [measured[name] for name in ANGLES]}


def _independent(measurement: Any) -> bool:
    correlation = measurement.correlation
    return correlation is None or np.array_equal(correlation, np.eye(len(correlation)))


def _annealed(target: Target, settings: SectorSettings, seed: int, folder: Path | None) -> _Sector:
    """Particles of one sector, its evidences and what pairing needs."""
    model: Any = target.model
    effort = SMCSettings(settings.replicates, settings.particles, settings.sweeps)
    found = sample_smc(target, effort.runs * effort.particles, seed, folder, effort)
    assert found.chain is not None
    theta, chain = found.theta, found.chain
    if model.sector.phases:
        theta, chain = (np.concatenate([x] * settings.copies) for x in (theta, chain))
        theta = model.sector.turned(theta, stream(seed, "sectors", "turn"))
    cdf = model.prior.marginals[model.shared].cdf
    return _Sector(
        theta,
        model.columns,
        model.rotations(theta),
        np.stack([cdf(end) for end in model.same_matrix(theta)], axis=1),
        chain,
        np.array(found.notes["log_evidence_of_runs"]),
    )


def _pair(
    one: _Sector,
    two: _Sector,
    run: int,
    constant: float,
    central: np.ndarray,
    inverse: np.ndarray,
) -> _Pairs:
    rows, columns = np.zeros(len(one.theta)), np.zeros(len(two.theta))
    squares = pair_sums(
        one.rotation, one.range, two.rotation, two.range, central, inverse, _LIMIT,
        rows, columns,
    )  # fmt: skip
    with np.errstate(divide="ignore"):
        log_mean = np.log(rows.sum()) - np.log(float(len(rows)) * len(columns))
    log_z = one.log_evidence[run] + two.log_evidence[run] + constant + log_mean
    return _Pairs(one, two, rows, columns, float(squares), float(log_z))


def _resampled(
    pairs: Sequence[_Pairs],
    model: MassMatrixModel,
    split: SectorSplit,
    draws: int,
    central: np.ndarray,
    inverse: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, dict[str, float]]:
    """Equally weighted pairs as parameters (draws, P), and how many draws they rest on."""
    log_z = np.array([pair.log_z for pair in pairs])
    share = np.exp(log_z - log_z.max())
    share /= share.sum()
    counts = np.bincount(systematic_resample(share, draws, rng), minlength=len(pairs))
    parts, sums = [], np.zeros(3)
    for pair, count, part in zip(pairs, counts, share, strict=True):
        total = pair.rows.sum()
        if not total > 0:
            continue
        rows, columns = pair.rows / total, pair.columns / total
        squares = pair.squares / total**2
        sums += part**2 * np.array([rows @ rows, columns @ columns, squares])
        picked = np.empty(0, int)
        if count:
            picked = systematic_resample(pair.rows / total, int(count), rng)
        for row in np.unique(picked):
            terms = np.empty(len(pair.columns))
            two = pair.neutrino
            row_terms(
                pair.charged.rotation[row], pair.charged.range[row], two.rotation, two.range,
                central, inverse, _LIMIT, terms,
            )  # fmt: skip
            size = int(np.sum(picked == row))
            columns = rng.choice(len(terms), size, p=terms / terms.sum())
            parts.append(_joined(pair, int(row), columns, model, split, rng))
    names = ("effective_charged", "effective_neutrino", "effective_pairs")
    theta = rng.permutation(np.concatenate(parts))
    return theta, dict(zip(names, (1 / sums).tolist(), strict=True))


def _joined(
    pair: _Pairs,
    row: int,
    columns: np.ndarray,
    model: MassMatrixModel,
    split: SectorSplit,
    rng: np.random.Generator,
) -> np.ndarray:
    """Parameters (N, P) of pairs: the shared one is drawn where both matrices allow it."""
    one, two = pair.charged, pair.neutrino
    low = np.maximum(one.range[row, 0], two.range[columns, 0])
    high = np.minimum(one.range[row, 1], two.range[columns, 1])
    marginal = model.prior.marginals[split.shared]
    value = marginal.quantile(low + (high - low) * rng.random(len(columns)))
    theta = np.empty((len(columns), len(model.parameters)))
    for sector, own, index in (
        (split.charged, one, np.full(len(columns), row)),
        (split.neutrino, two, columns),
    ):
        whole = np.empty_like(theta)
        whole[:, own.columns] = own.theta[index]
        whole = sector.at(whole, split.shared, value)
        theta[:, list(sector.columns)] = whole[:, list(sector.columns)]
    theta[:, split.shared] = value
    return theta
