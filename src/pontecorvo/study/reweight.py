"""Another measurement or prior on a finished run's draws, without drawing anew.

A draw of the posterior under likelihood L1 becomes one under L2 by the weight L2 / L1 at the same
parameters. Where the two hardly overlap a few draws carry all the weight, and the answer is
refused rather than given. Where the run's own posterior is zero there are no draws: a measurement
that allows what a box excluded cannot be answered at all.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.files import plain, write_json
from ..base.folders import claimed_folder
from ..core.measurement import NamedLikelihood
from ..core.problem import LogRatio
from .finished_run import FinishedRun
from .posterior_file import parameters_of, write_groups
from .prior_dependence import SMALLEST_ESS, Reweighted, reweight_by
from .summary import intervals

NOTE = "reweight.json"
WEIGHT_NOTE = (
    "natural log of each draw's importance weight; the draws are not equally likely unless all "
    "of these are equal"
)


@dataclass(frozen=True)
class ReweightedRun:
    """A run's draws under another likelihood or prior.

    Attributes:
        run: The run.
        weights: Log weights, their effective sample size and tail, and whether they are usable.
        log_likelihood: Log-likelihood (N,) in force now.
        log_evidence: Log-evidence now: the run's plus the log of the mean ratio.
        log_evidence_error: Its standard error, the run's own included.
        what: What was changed, as plain JSON types.
    """

    run: FinishedRun
    weights: Reweighted
    log_likelihood: np.ndarray
    log_evidence: float
    log_evidence_error: float
    what: dict[str, Any]

    @property
    def ess(self) -> float:
        """Effective sample size: that of the new weights, times what the run's draws are worth.

        Draws of chains are correlated, or were resampled, which weights do not show; the run says
        so in its own effective sample size.
        """
        own = self.run.summary.get("ess")
        if not isinstance(own, (int, float)) or self.weights.ess == 0:
            return self.weights.ess
        return self.weights.ess * min(1.0, float(own) / iw.kish_ess(self.run.log_weight))

    @property
    def usable(self) -> bool:
        """Whether the two posteriors overlap enough to say anything."""
        return self.weights.usable and self.ess >= SMALLEST_ESS

    @property
    def groups(self) -> dict[str, Any]:
        """Datasets as of a run, with the new weights and likelihood."""
        stats = self.run.groups["sample_stats"].copy()
        shape = stats["log_weight"].shape
        dims = stats["log_weight"].dims
        note = {"long_name": WEIGHT_NOTE}
        stats["log_weight"] = (dims, self.weights.log_weight.reshape(shape), note)
        stats["log_likelihood"] = (dims, self.log_likelihood.reshape(shape))
        return {**self.run.groups, "sample_stats": stats}


def reweight_run(
    run: FinishedRun,
    measurement: NamedLikelihood | None = None,
    prior: LogRatio | None = None,
    prior_name: str = "",
    add: bool = False,
) -> ReweightedRun:
    """Weigh a run's draws by another measurement, another prior, or both.

    Args:
        run: The run.
        measurement: Takes the place of the run's own measurement, or comes on top of it.
        prior: ``log_ratio(theta, predictions)``; see `core.problem.LogRatio`.
        prior_name: What to call the prior.
        add: The measurement comes on top of the run's own, which stays.

    Raises:
        InputError: If neither is given, or the run has not stored what was measured.
    """
    if measurement is None and prior is None:
        raise InputError("reweight: give a measurement or a prior")
    size = len(run.log_weight)
    ratio, likelihood = np.zeros(size), run.log_likelihood
    what: dict[str, Any] = {}
    if measurement is not None:
        new = measurement.log_likelihood(run.observables(measurement.names))
        likelihood = likelihood + new if add else new
        ratio += new if add else _difference(new, run.log_likelihood)
        what["measurement"] = measurement.describe()
        what["on_top_of_the_runs_own"] = add
    if prior is not None:
        ratio += prior_ratio(run, prior)
        what["prior"] = prior_name
    with np.errstate(over="ignore"):  # a tail too heavy to be smoothed: k-hat says so
        weights = reweight_by(run.log_weight, ratio)
    log_z, error = _evidence(run, ratio)
    return ReweightedRun(run, weights, likelihood, log_z, error, what)


def prior_ratio(run: FinishedRun, prior: LogRatio) -> np.ndarray:
    """The log ratio (N,) of another prior to the run's own at its draws."""
    from .catalog import load_problem

    problem = load_problem(str(run.folder / "settings.yaml"))
    theta = parameters_of(problem.target.model, run.groups)
    predictions = {c.name: c.values for c in run.columns if c.prediction}
    return np.asarray(prior(theta, predictions), dtype=float)


def known_priors(run: FinishedRun) -> dict[str, LogRatio]:
    """Priors that the run's study knows beside its own, by name."""
    from .catalog import load_problem

    problem = load_problem(str(run.folder / "settings.yaml"))
    return {**problem.other_priors(), **problem.prior_alternatives()}


def _difference(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """log(new / old) of likelihoods; a draw that the run's own gives no likelihood stays out."""
    ratio = np.full(len(new), -np.inf)
    known = np.isfinite(old) & np.isfinite(new)
    ratio[known] = new[known] - old[known]
    return ratio


def _evidence(run: FinishedRun, ratio: np.ndarray) -> tuple[float, float]:
    """log Z and its error: the weighted mean of exp(ratio) times the run's evidence."""
    before = run.summary.get("log_evidence")
    error = run.summary.get("log_evidence_error")
    if not isinstance(before, (int, float)):
        return float("nan"), float("nan")
    weight = run.weights
    inside = np.isfinite(ratio) & (weight > 0)
    if not inside.any():
        return float("-inf"), float("inf")
    top = ratio[inside].max()
    terms = np.zeros(len(ratio))
    terms[inside] = np.exp(ratio[inside] - top)
    mean = float(weight @ terms)
    spread = float(weight @ (terms - mean) ** 2) / mean**2
    stated = run.summary.get("ess")
    size = float(stated) if isinstance(stated, (int, float)) else iw.kish_ess(run.log_weight)
    own = float(error) if isinstance(error, (int, float)) else 0.0
    return float(before) + top + float(np.log(mean)), float(np.hypot(own, np.sqrt(spread / size)))


def verdict(result: ReweightedRun) -> str:
    """One sentence: how good the reweighted draws are."""
    found, size = result.weights, len(result.run.log_weight)
    line = (
        f"{size} draws, ESS {result.ess:.0f}, k-hat {found.k_hat:.2f}, "
        f"{100 * found.kept:.1f} % of the posterior kept"
    )
    return line if result.usable else f"{line}: too few draws carry the answer"


def refuse_unusable(result: ReweightedRun) -> None:
    """Refuse weights that say nothing.

    Raises:
        InputError: With the effective sample size, and what to do.
    """
    if not result.usable:
        raise InputError(
            f"{result.run.folder}: {verdict(result)} (ESS {SMALLEST_ESS:.0f} and k-hat "
            f"{iw.k_limit(len(result.run.log_weight)):.2f} are the limits); "
            "run the study with the new measurement or prior, or with more draws"
        )


def write_reweighted(
    result: ReweightedRun, out: Path | str, overwrite: bool = False
) -> dict[str, Any]:
    """Write posterior.nc and reweight.json.

    Args:
        result: The draws.
        out: Folder, not that of a run.
        overwrite: Replace what another reweighting left there.

    Returns:
        Content of reweight.json.

    Raises:
        InputError: If the folder holds a run, or another reweighting.
    """
    asked = {"from": str(result.run.folder.resolve()), **result.what}
    with claimed_folder(out, NOTE, asked, overwrite) as (out, mark):
        groups = result.groups
        attributes = {"study": result.run.name, "method": "reweighted draws of a run"}
        content = {
            "asked": mark,
            "from": str(result.run.folder),
            "study": result.run.name,
            "draws": len(result.run.log_weight),
            "ess": result.ess,
            "k_hat": result.weights.k_hat,
            "posterior_kept": result.weights.kept,
            "usable": result.usable,
            "log_evidence": result.log_evidence,
            "log_evidence_error": result.log_evidence_error,
            **result.what,
            "intervals": intervals(groups),
        }
        write_json(out / NOTE, content)  # first: it says whose the folder is
        write_groups(out / "posterior.nc", groups, attributes)
        return dict(json.loads(json.dumps(plain(content))))
