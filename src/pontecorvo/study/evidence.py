"""Evidences of many models, each kept once it is known: in parallel, and resumed after a kill.

A model is a study's name with changed settings. Each process takes one model at a time; a model's
evidence is one small JSON file, so that a killed ranking goes on where it was.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.files import fingerprint, plain, write_json
from ..base.progress import progress
from ..base.seeds import stream
from ..base.workers import current_pool, map_shards
from ..core.problem import Problem
from ..core.registry import as_preset
from .catalog import load_problem
from .methods import method_of, sampler_of

FAMILIES = "pontecorvo.families"
"""Entry points that stand for many models: ``family(limit)`` gives, by label, (study, changes)."""
_PRIOR_DRAWS = 20_000


@dataclass(frozen=True)
class Candidate:
    """One model of a comparison.

    Attributes:
        label: Its row.
        study: A registered study, a YAML file, a model's file, or ``package.module:attribute``.
        changes: Settings that differ from the study's own.
    """

    label: str
    study: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What is known of one model.

    Attributes:
        label: Its row.
        log_evidence: Natural log of the evidence.
        error: Its standard error.
        method: Sampler.
        converged: What the sampler says of itself.
        parameters: Number of parameters.
        seconds: Wall time.
        priors: Under other priors: name -> (log-evidence, error); NaN where draws do not reach.
        maximum: Largest log-likelihood of the draws.
        data: Names of what was measured; only models of the same data can be compared.
    """

    label: str
    log_evidence: float
    error: float
    method: str
    converged: bool
    parameters: int
    seconds: float
    priors: dict[str, tuple[float, float]] = field(default_factory=dict)
    maximum: float = float("nan")
    data: str = ""


def build(candidate: Candidate) -> Problem:
    """The problem of a candidate, with its changes in force."""
    if ":" in candidate.study and not os.path.exists(candidate.study):
        module, _, attribute = candidate.study.partition(":")
        try:
            preset = as_preset(getattr(import_module(module), attribute), candidate.study)
        except (ImportError, AttributeError) as error:
            raise InputError(f"study {candidate.study!r}: cannot be imported ({error})") from None
        content = {**preset.settings, **candidate.changes}
        return preset.problem(preset.problem.Settings.model_validate(content))
    return load_problem(candidate.study, candidate.changes)


def evidence_of(candidate: Candidate, seed: int = 0, folder: Path | None = None) -> Evidence:
    """Sample one model and say its evidence.

    Args:
        candidate: The model.
        seed: Seed of everything.
        folder: Where the sampler keeps its stages.
    """
    from time import perf_counter

    start = perf_counter()
    problem = build(candidate)
    method = method_of(problem)
    draws = sampler_of(problem, method)(problem.target, problem.settings.draws, seed, folder)
    if not np.isfinite(draws.log_evidence):
        raise InputError(f"{candidate.label}: method {method} gives no evidence; use smc or modes")
    return Evidence(
        label=candidate.label,
        log_evidence=draws.log_evidence,
        error=max(draws.log_evidence_error, _scatter(draws.notes)),
        method=draws.method,
        converged=draws.converged,
        parameters=len(problem.target.model.parameters),
        seconds=perf_counter() - start,
        priors=_other_priors(problem, draws, seed),
        maximum=float(np.max(draws.log_likelihood)),
        data=", ".join(sorted(getattr(problem.target.measurement, "names", ()))),
    )


def _scatter(notes: Mapping[str, Any]) -> float:
    """Standard error of ln Z by the scatter of independent runs; 0 where there are none.

    The relative error of their mean evidence never exceeds one, however far the runs are apart.
    """
    runs = notes.get("log_evidence_of_runs", [])
    return float(np.std(runs, ddof=1) / np.sqrt(len(runs))) if len(runs) > 1 else 0.0


def _other_priors(problem: Problem, draws: Any, seed: int) -> dict[str, tuple[float, float]]:
    """Evidence under each other prior of the problem; see `under_another_prior`."""
    ratios = {**problem.prior_alternatives(), **problem.other_priors()}
    if not ratios:
        return {}
    model = problem.target.model
    blind = model.prior.sample(_PRIOR_DRAWS, stream(seed, "compare", "prior"))
    mine, theirs = model.predict(draws.theta), model.predict(blind)
    return {
        name: under_another_prior(
            draws.log_evidence,
            draws.log_evidence_error,
            draws.log_weight,
            ratio(draws.theta, mine),
            ratio(blind, theirs),
        )
        for name, ratio in ratios.items()
    }


def under_another_prior(
    log_evidence: float,
    error: float,
    log_weight: np.ndarray,
    log_ratio: np.ndarray,
    log_ratio_of_prior: np.ndarray,
) -> tuple[float, float]:
    """Evidence under another prior, from the same draws.

    Z' = Z * mean over the posterior of p'/p, over its mean over the prior (which is one where the
    ratio is normalised, and its constant where it is not).

    Args:
        log_evidence: Under the run's own prior.
        error: Its standard error.
        log_weight: Log weights (N,) of the posterior's draws.
        log_ratio: log p'/p at these draws (N,), up to a constant.
        log_ratio_of_prior: The same at draws (M,) of the run's own prior.

    Returns:
        Log-evidence and standard error; NaN where either mean rests on less than 50 draws.
    """
    weight = iw.normalised(log_weight)
    parts = []
    for log_w, ratio in ((np.log(weight * len(weight)), log_ratio), (0.0, log_ratio_of_prior)):
        total = np.where(np.isnan(ratio), -np.inf, ratio) + log_w
        if not np.isfinite(total).any() or iw.kish_ess(total) < 50:
            return float("nan"), float("nan")
        parts.append(iw.log_evidence(total))
    (above, first), (below, second) = parts
    return log_evidence + above - below, float(np.sqrt(error**2 + first**2 + second**2))


def rank(
    candidates: Sequence[Candidate],
    out: Path | None = None,
    seed: int = 0,
    jobs: int | None = None,
) -> list[Evidence]:
    """Evidences of all candidates, best first.

    Args:
        candidates: Models; labels must differ.
        out: Folder of the kept evidences (``evidences/*.json``), so that a killed ranking resumes.
        seed: Seed of everything; each candidate's stream is its own.
        jobs: Processes; by default the cores this process may use, 1 for none besides this one.
    """
    labels = [candidate.label for candidate in candidates]
    if len(set(labels)) < len(labels):
        again = next(label for label in labels if labels.count(label) > 1)
        raise InputError(f"compare: {again!r} is named twice; each model needs its own label")
    known: dict[str, Evidence] = {}
    paths = {c.label: _path(c, out, seed) for c in candidates}  # refuses bad settings at once
    for candidate in candidates:
        kept = _kept(paths[candidate.label])
        if kept is not None:
            known[candidate.label] = kept
    missing = [candidate for candidate in candidates if candidate.label not in known]
    count = min(jobs or len(os.sched_getaffinity(0)), max(len(missing), 1))
    with progress("evidence", len(candidates)) as advance:
        advance(len(known))
        for evidence in _computed(missing, out, seed, count):
            known[evidence.label] = evidence
            advance(1, f"{evidence.label}: ln Z {evidence.log_evidence:.2f}")
    return sorted(known.values(), key=lambda e: -e.log_evidence)


def _computed(missing: Sequence[Candidate], out: Path | None, seed: int, count: int) -> Any:
    if current_pool() is not None:
        sent = [_anywhere(candidate) for candidate in missing]
        found = map_shards(partial(evidence_of, seed=seed), sent)
        yield from (_written(e, _path(c, out, seed)) for c, e in zip(missing, found, strict=True))
        return
    if count == 1:
        yield from (_work(candidate, out, seed) for candidate in missing)
        return
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=count, return_as="generator_unordered", batch_size=1)
    yield from pool(delayed(_one_thread)(candidate, out, seed) for candidate in missing)


def _one_thread(candidate: Candidate, out: Path | None, seed: int) -> Evidence:
    """One candidate in a process of its own, whose threads would only get in each other's way."""
    os.environ["PONTECORVO_THREADS"] = "1"
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _work(candidate, out, seed)


def _work(candidate: Candidate, out: Path | None, seed: int) -> Evidence:
    return _written(evidence_of(candidate, seed), _path(candidate, out, seed))


def _written(evidence: Evidence, path: Path | None) -> Evidence:
    if path is not None:
        write_json(path, asdict(evidence))
    return evidence


def _anywhere(candidate: Candidate) -> Candidate:
    """The same for a worker, which may stand in another folder."""
    if os.path.exists(candidate.study):
        return replace(candidate, study=os.path.abspath(candidate.study))
    return candidate


def identities(candidates: Sequence[Candidate], seed: int) -> list[str]:
    """A name for each candidate under which its evidence is kept; the same settings, the same name.

    Raises:
        InputError: If the settings of one are wrong.
    """
    return [
        fingerprint([one.label, one.study, plain(build(one).plain_settings()), seed])
        for one in candidates
    ]


def _path(candidate: Candidate, out: Path | None, seed: int) -> Path | None:
    (name,) = identities([candidate], seed)
    return None if out is None else out / "evidences" / f"{name}.json"


def _kept(path: Path | None) -> Evidence | None:
    """A kept evidence, or None where there is none that can be read."""
    if path is None or not path.exists():
        return None
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        priors = {
            name: (_number(value), _number(error))
            for name, (value, error) in content.pop("priors").items()
        }
        for name in ("log_evidence", "error", "maximum", "seconds"):
            content[name] = _number(content[name])
        return Evidence(**content, priors=priors)
    except (ValueError, KeyError, TypeError):
        return None


def _number(value: float | None) -> float:
    """A number of a JSON file, which has null for NaN."""
    return float("nan") if value is None else float(value)
