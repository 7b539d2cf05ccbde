"""Trials of a network in, verdicts out: what every certificate of a network is made of.

With the truth's own weight known, ranks with importance weights are exactly uniform whatever the
network (`diagnostics.calibration_set`): then the weighted verdicts say whether density and
likelihood fit together, and the verdicts on the weights whether the network is of any use with
them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.progress import progress
from ..base.weights import FLAT, pareto_k
from .average import prior_back
from .calibration_set import Trials
from .certificate import Check
from .expected_coverage import coverage
from .local_classifier import local_c2st
from .pull_moments import pulls
from .random_points import tarp
from .rank_uniformity import sbc
from .slices import by_slice
from .verdict import ALPHA, Verdict, judged_by_p
from .weight_quality import check_weights

SMALLEST_EFFICIENCY = 0.02
LARGEST_K = 0.7
HEAVY_TAILS = 0.1
"""Share of data sets that may show k-hat above 0.7 at weights that are not nearly equal anyway. At
100 draws each, weights of log-normal tails show it by chance in 1 % of data sets at ESS/N 0.6, in
5 % at 0.4."""
ENOUGH_FOR_TAILS = 100
"""Draws of a data set from which its k-hat is judged; fewer show hardly any tail."""
MISSED = 0.01
"""Share of data sets in which the truth may outweigh all draws together."""


@dataclass(frozen=True)
class Observed:
    """A network's answer at the measured data.

    Attributes:
        data: What was measured (K,), as `Trials.data` has it.
        draws: Draws (N, D) of the checked quantities.
        log_weights: Their log weights (N,).
    """

    data: np.ndarray
    draws: np.ndarray
    log_weights: np.ndarray


@dataclass(frozen=True)
class Answers:
    """A network's answers to simulated data, ready to be judged.

    Attributes:
        trials: With weights, and the log-density of the target.
        raw: The same draws without weights; the log-density may be the network's own.
        slices: What is sliced (S,), by name: functions of the data alone.
        observed: The answer at the measured data, where they lie among the simulated.
        left_out: Data sets of which no draw has any weight.
        refined: Data sets whose draws were made better before they were weighed.
        aside: Data sets that were left aside, and
        why: for which reason.
        own_log_weights: Log weights of `raw`'s draws, where some were made better.
    """

    trials: Trials
    raw: Trials
    slices: Mapping[str, np.ndarray] = field(default_factory=dict)
    observed: Observed | None = None
    left_out: int = 0
    refined: int = 0
    aside: int = 0
    why: str = ""
    own_log_weights: np.ndarray | None = None


def usable(log_weights: np.ndarray) -> np.ndarray:
    """Which data sets (S,) have a draw with any weight (S, N).

    Raises:
        InputError: If none has.
    """
    result = np.isfinite(log_weights).any(axis=1)
    if not result.any():
        raise InputError("check: no draw of the network has any weight, in any data set")
    return np.asarray(result)


def judge_both(answers: Answers, alpha: float = ALPHA) -> tuple[list[Verdict], list[Verdict]]:
    """Verdicts on the weighted draws, with those on their weights, and on the raw draws."""
    corrected = judge(answers.trials, answers.slices, answers.observed, alpha)
    corrected += judge_weights(answers)
    plain = answers.observed
    if plain is not None:
        plain = replace(plain, log_weights=np.zeros(len(plain.draws)))
    return corrected, judge(answers.raw, answers.slices, plain, alpha, "judge raw draws")


def judge(
    trials: Trials,
    slices: Mapping[str, np.ndarray],
    observed: Observed | None = None,
    alpha: float = ALPHA,
    title: str = "judge",
) -> list[Verdict]:
    """The calibration diagnostics, one after the other.

    Args:
        trials: Truths and draws, weighted or not.
        slices: What is sliced; see `Answers`.
        observed: The answer at the measured data, for the local test.
        alpha: Rate of false alarms of each.
        title: Of the progress bar.
    """
    checks: list[Callable[[], Verdict]] = [
        partial(sbc, trials, alpha),
        partial(coverage, trials, alpha),
        partial(tarp, trials, alpha=alpha),
        partial(pulls, trials, alpha),
        partial(prior_back, trials, alpha),
    ]
    if slices and len(trials) >= 50:
        checks.append(partial(by_slices, trials, slices, alpha))
    if observed is not None:
        checks.append(partial(_local, trials, observed, alpha))
    verdicts = []
    with progress(title, len(checks)) as advance:
        for one in checks:
            verdicts.append(one())
            advance()
    return verdicts


def by_slices(
    trials: Trials, slices: Mapping[str, np.ndarray], alpha: float = ALPHA, parts: int = 4
) -> Verdict:
    """Rank statistics in slices of several functions of the data, judged together.

    ``values["slices"]`` has edges and p-values of each; ``arrays`` has ``slice_p`` (V, parts).
    """
    parts = min(parts, len(trials) // 50)
    found = {
        name: by_slice(sbc, trials, value, parts, name, alpha / len(slices))[0]
        for name, value in slices.items()
    }
    worst = min(found.values(), key=lambda verdict: verdict.statistic)
    fault = worst.line.partition(" (p = ")[0]
    table = {
        name: {
            "edges": verdict.arrays["edges"].tolist(),
            "p_values": verdict.arrays["p_value"].tolist(),
        }
        for name, verdict in found.items()
    }
    return judged_by_p(
        "calibration by slice",
        min(1.0, worst.statistic * len(slices)),
        alpha,
        f"ranks are uniform in {parts} slices each of {', '.join(slices)}",
        fault,
        values={"slices": table},
        arrays={"slice_p": np.array([verdict.arrays["p_value"] for verdict in found.values()])},
    )


def _local(trials: Trials, observed: Observed, alpha: float) -> Verdict:
    verdict = local_c2st(trials, observed.data, observed.draws, observed.log_weights, alpha)
    line = verdict.line.replace("this data set", "the measured data")
    shown = {"draws": observed.draws, "log_weights": observed.log_weights}
    return replace(
        verdict,
        name="local C2ST at the measured data",
        line=line,
        values={**verdict.values, "quantities": trials.labels},
        arrays={**verdict.arrays, **shown},
    )


def efficiencies(log_weights: np.ndarray) -> np.ndarray:
    """ESS/N (S,) of every data set's weights (S, N)."""
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    kish = weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)
    return np.asarray(kish / weights.shape[1])


def judge_weights(answers: Answers) -> list[Verdict]:
    """Verdicts on the weights: effective size, tails, mass that the draws miss."""
    trials = answers.trials
    assert trials.log_weights is not None
    sizes = efficiencies(trials.log_weights)
    verdicts = [_lowest_efficiency(sizes, answers)]
    if trials.log_weights.shape[1] >= ENOUGH_FOR_TAILS:
        shapes = np.array([pareto_k(row) for row in trials.log_weights])
        verdicts.append(_tails(shapes, sizes))
    if trials.truth_log_weight is not None:
        verdicts.append(_missed(trials))
    if answers.observed is not None:
        here = check_weights(answers.observed.log_weights, SMALLEST_EFFICIENCY)
        verdicts.append(replace(here, name="weights at the measured data", arrays={}))
    return verdicts


def _lowest_efficiency(sizes: np.ndarray, answers: Answers) -> Verdict:
    slices, left_out = answers.slices, answers.left_out
    low = int(np.sum(sizes < SMALLEST_EFFICIENCY)) + left_out
    lowest = 0.0 if left_out else float(sizes.min())
    medians = {}
    for name, value in slices.items():
        rows = np.array_split(np.argsort(value, kind="stable"), 4)
        medians[name] = [float(np.median(sizes[part])) for part in rows]
    line = (
        f"ESS/N of the data sets: median {np.median(sizes):.3f}, lowest {lowest:.3f}; "
        f"{low} below {SMALLEST_EFFICIENCY}"
    )
    line += f", {left_out} of these without any weight" if left_out else ""
    values = {"median": float(np.median(sizes)), "below": low, "medians_by_slice": medians}
    if answers.own_log_weights is not None:
        own = efficiencies(answers.own_log_weights)
        values |= {"refined": answers.refined, "lowest_of_the_network": float(own.min())}
        line += (
            f"; of the network's own draws lowest {own.min():.3f}, made better in "
            f"{answers.refined} data sets"
        )
    return Verdict(
        name="importance weights",
        statistic=lowest,
        statistic_name="lowest ESS/N",
        band=(SMALLEST_EFFICIENCY, 1.0),
        passed=low == 0,
        line=line,
        values=values,
        arrays={"efficiency": sizes, **{f"by {name}": value for name, value in slices.items()}},
    )


def _tails(shapes: np.ndarray, sizes: np.ndarray) -> Verdict:
    """Heavy tails of weights (S,), where they are not nearly equal; see `base.weights.FLAT`."""
    share = float(np.mean((shapes > LARGEST_K) & (sizes < FLAT)))
    return Verdict(
        name="Pareto tails",
        statistic=share,
        statistic_name=f"share of data sets with k-hat above {LARGEST_K}, ESS/N below {FLAT}",
        band=(0.0, HEAVY_TAILS),
        passed=share <= HEAVY_TAILS,
        line=f"k-hat of the weights: median {np.median(shapes):.2f}, "
        f"above {LARGEST_K} with ESS/N below {FLAT} in {100 * share:.1f} % of the data sets (at "
        f"most {100 * HEAVY_TAILS:g} %)",
        values={
            "median": float(np.median(shapes)),
            "above_at_any_size": float(np.mean(shapes > LARGEST_K)),
        },
        arrays={"k_hat": shapes},
    )


def _missed(trials: Trials) -> Verdict:
    """How often the truth, one more point of the posterior, outweighs all draws together."""
    _, own = trials.relative_weights()
    count = int(np.sum(own > 0.5))
    share = count / len(trials)
    return Verdict(
        name="missed mass",
        statistic=share,
        statistic_name="share of data sets whose truth outweighs all draws",
        band=(0.0, MISSED),
        passed=share <= MISSED,
        line=f"the truth outweighs all draws together in {count} of {len(trials)} data sets "
        f"(at most {100 * MISSED:g} %)",
        arrays={"truth_share": own},
    )


def coverage_curve(verdicts: Sequence[Verdict]) -> list[float]:
    """Expected coverage on 101 credibilities from 0 to 1, as `coverage` found it."""
    inside = next(v.arrays["credibility"] for v in verdicts if v.name == "expected coverage")
    return [round(float(np.mean(inside <= level)), 4) for level in np.linspace(0, 1, 101)]


def judged(answers: Answers, title: str, about: dict[str, Any], alpha: float = ALPHA) -> Check:
    """The check of a network: verdicts, counts and the curves that a report draws."""
    corrected, raw = judge_both(answers, alpha)
    curves = {"weighted": coverage_curve(corrected), "raw": coverage_curve(raw)}
    return Check(title, corrected, raw, {**about, **_counts(answers), "coverage_curve": curves})


def _counts(answers: Answers) -> dict[str, Any]:
    return {
        "simulations": len(answers.trials) + answers.left_out,
        "draws_each": answers.trials.draws.shape[1],
        "data_sets_without_weight": answers.left_out,
        "data_sets_left_aside": answers.aside,
        "left_aside_because": answers.why,
        "measured_draws": 0 if answers.observed is None else len(answers.observed.draws),
    }
