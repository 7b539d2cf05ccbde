"""`explain`: candidate symmetries, invariants and charges, posterior against prior.

What is asked of each quantity, in this order: does the posterior differ from the prior; would the
measurement alone have made the prior differ so; what remains. A posterior that was drawn from the
very prior it is compared with leaves nothing, by Bayes' theorem: then the table says what the
measurement teaches about the Yukawas. Something remains where the posterior is another model's, or
wrong.

Errors of the first kind are bounded for the whole report: every test is made at `FALSE_ALARM`
divided by the number of tests of its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ....base.quantiles import weighted_quantiles
from .candidates import candidates
from .charges import fit_charges
from .findings import CandidateRow, Findings, InvariantRow, Verdict
from .invariants import invariants
from .open_questions import answers, heavy_mass_correlations
from .reference import reference
from .structure_draws import StructureDraws
from .weighted_tests import Information, Share, information, share_below

__all__ = ["FALSE_ALARM", "explain"]

FALSE_ALARM = 0.005  # for each of the three tables
RATIO = 1.5  # a candidate that holds less than so many times as often is no finding
BITS = 0.01  # nor is an invariant with fewer bits
SPAN, EXPLAINED = 2.0, 0.8  # nor charges that span less, or explain less of the variance


def explain(
    posterior: StructureDraws,
    prior: StructureDraws,
    measured: Sequence[str] = (),
    evidence: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.05,
    known: StructureDraws | None = None,
) -> Findings:
    """Look for structure in the Yukawas of a posterior.

    Args:
        posterior: Weighted draws of the posterior.
        prior: Weighted draws of the prior; with ``log_likelihood``, or ``predictions``, to know
            what the measurement alone does.
        measured: Names of the measured among the predictions.
        evidence: Name of a candidate -> ln(Z symmetric / Z free) and its error, where known.
        level: A candidate "nearly holds" below this quantile of the prior's distances.
        known: Draws of the prior given the measurement from an independent sampler, where there is
            one: the reference in place of weighted prior draws.

    Returns:
        The findings, with everything that was looked at.

    Raises:
        InputError: For draws of different models, too few draws, unknown measured names.
    """
    from ....base.errors import InputError

    n = posterior.canonical[1].shape[1]
    if prior.canonical[1].shape[1] != n:
        raise InputError(
            f"structure: posterior with {n} heavy neutrinos, prior with "
            f"{prior.canonical[1].shape[1]}; give draws of the same model"
        )
    knows: StructureDraws | None
    if known is not None:
        knows, effective = known, known.effective
    else:
        knows, effective = reference(posterior, prior, measured)
    measures = bool(measured) or prior.log_likelihood is not None or known is not None
    charges = fit_charges(posterior, prior)
    charged: Verdict = "nothing"
    if charges.span > SPAN and charges.r_squared > EXPLAINED and charges.p_value < FALSE_ALARM:
        again = None if knows is None or not measures else fit_charges(posterior, knows)
        remains = again is None or (again.p_value < FALSE_ALARM and again.span > SPAN)
        charged = _verdict(knows is not None, remains)
    names, matrices = _correlations(posterior, prior)
    return Findings(
        candidates=_candidates(posterior, prior, knows, measures, evidence or {}, level),
        invariants=_invariants(posterior, prior, knows, measures),
        charges=charges,
        charges_verdict=charged,
        reference_draws=effective,
        measured=tuple(measured),
        correlation_names=names,
        correlations=matrices[0],
        prior_correlations=matrices[1],
        partial_correlations=_partial(posterior, prior),
        answers=answers(posterior, prior, knows if measures else None),
    )


def _verdict(separable: bool, remains: bool) -> Verdict:
    if not separable:
        return "not separable"
    return "structure" if remains else "measurement"


def _candidates(
    posterior: StructureDraws,
    prior: StructureDraws,
    knows: StructureDraws | None,
    measures: bool,
    evidence: Mapping[str, tuple[float, float]],
    level: float,
) -> tuple[CandidateRow, ...]:
    listed = candidates(posterior.canonical[1].shape[1])
    limit = FALSE_ALARM / len(listed)

    def notable(share: Share) -> bool:
        return share.p_value < limit and share.ratio > RATIO

    rows = []
    for candidate in listed:
        x, y = candidate.distance(posterior), candidate.distance(prior)
        first = share_below(x, posterior.w, y, prior.w, level)
        second = None
        if knows is not None:
            z = y if knows.y is prior.y else candidate.distance(knows)
            second = first if not measures else share_below(x, posterior.w, z, knows.w, level)
        verdict: Verdict = "nothing"
        if notable(first):
            verdict = _verdict(second is not None, second is not None and notable(second))
        rows.append(
            CandidateRow(
                candidate.name,
                candidate.sentence,
                candidate.latex,
                first,
                second,
                verdict,
                evidence.get(candidate.name),
            )
        )
    return tuple(rows)


def _invariants(
    posterior: StructureDraws,
    prior: StructureDraws,
    knows: StructureDraws | None,
    measures: bool,
) -> tuple[InvariantRow, ...]:
    of_posterior, of_prior = invariants(posterior), invariants(prior)
    of_knows = of_prior if knows is None or knows.y is prior.y else invariants(knows)
    limit = FALSE_ALARM / len(of_posterior)

    def notable(found: Information) -> bool:
        return found.p_value < limit and found.bits > BITS

    rows = []
    for name, x in of_posterior.items():
        y = of_prior[name]
        total = information(x, posterior.w, y, prior.w)
        measured, remains = None, None
        if knows is not None:
            measured, remains = Information(0.0, 1.0), total
            if measures:
                z = of_knows[name]
                measured = information(z, knows.w, y, prior.w)
                remains = information(x, posterior.w, z, knows.w)
        verdict: Verdict = "nothing"
        if notable(total):
            verdict = _verdict(remains is not None, remains is not None and notable(remains))
        levels = np.array([0.16, 0.5, 0.84])
        low, middle, high = weighted_quantiles(_finite(x), posterior.w, levels)
        low_prior, middle_prior, high_prior = weighted_quantiles(_finite(y), prior.w, levels)
        wide = high_prior - low_prior
        rows.append(
            InvariantRow(
                name,
                total,
                measured,
                remains,
                float((high - low) / wide) if wide > 0 else float("nan"),
                float(middle),
                float(middle_prior),
                verdict,
            )
        )
    order = {"structure": 0, "not separable": 1, "measurement": 2, "nothing": 3}

    def place(row: InvariantRow) -> tuple[int, float]:
        left = row.remains if row.verdict == "structure" and row.remains else row.total
        return order[row.verdict], -left.bits

    return tuple(sorted(rows, key=place))


def _finite(x: np.ndarray) -> np.ndarray:
    return np.nan_to_num(x, nan=0.0, posinf=300.0, neginf=-300.0)


def _logs(draws: StructureDraws) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and values (N, K) of log10 abs(Y) and log10 M."""
    y, m = draws.canonical
    size = np.abs(y)
    floor = 1e-12 * size.max(axis=(1, 2), keepdims=True)
    names = [f"Y[{f},{i + 1}]" for f in ("e", "mu", "tau") for i in range(m.shape[1])]
    names += [f"M{i + 1}" for i in range(m.shape[1])]
    logs = np.log10(np.maximum(size, floor)).reshape(len(y), -1)
    return tuple(names), np.concatenate([logs, np.log10(m)], axis=1)


def _correlation(values: np.ndarray, w: np.ndarray) -> np.ndarray:
    moved = values - w @ values
    covariance = (moved * w[:, None]).T @ moved
    spread = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    return np.asarray(covariance / np.outer(spread, spread))


def _correlations(
    posterior: StructureDraws, prior: StructureDraws
) -> tuple[tuple[str, ...], tuple[np.ndarray, np.ndarray]]:
    names, logs = _logs(posterior)
    _, of_prior = _logs(prior)
    return names, (_correlation(logs, posterior.w), _correlation(of_prior, prior.w))


def _partial(posterior: StructureDraws, prior: StructureDraws) -> dict[str, tuple[float, float]]:
    """Correlations of neighbouring log M given the scale of Y: posterior, prior."""
    here, there = heavy_mass_correlations(posterior), heavy_mass_correlations(prior)
    return {f"{pair} given the scale of Y": (here[pair][1], there[pair][1]) for pair in here}
