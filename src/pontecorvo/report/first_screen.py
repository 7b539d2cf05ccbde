"""The first thing on the page of a run: may these draws be used, and what says so, a line each."""

from typing import Any

import numpy as np

from ..core.target import LikelihoodTarget
from .numbers import number, percent, plain
from .page import Verdict
from .posterior_sample import Sample
from .reliability import within_three_sigma

FEW = 400
"""Effective draws below which a 68 % interval's ends are uncertain by more than a tenth of it."""


def verdict_of(
    target: LikelihoodTarget, groups: dict[str, Any], summary: dict[str, Any], sample: Sample
) -> Verdict:
    """Converged, effective size, evidence, closure and networks, one line each."""
    ess = summary.get("ess", float("nan"))
    size = float(ess) if ess is not None else float("nan")
    converged = summary.get("converged")
    rows = [
        ("converged", _converged(converged, summary)),
        ("effective size", _size(size, len(sample))),
        ("evidence", _evidence(summary)),
        ("closure", _closure(target, groups, summary, sample)),
    ]
    for known in summary.get("networks", []):
        rows.append((f"network {known['network']}", str(known["line"])))
    unsure = [one for one in summary.get("networks", []) if one.get("certified") is False]
    if converged is False:
        return Verdict("bad", "Not converged: do not use these draws", rows)
    if not np.isfinite(size):
        return Verdict("plain", "No posterior: draws for another purpose", rows)
    if size < FEW:
        return Verdict("bad", f"Converged, but only {plain(round(size))} effective draws", rows)
    if unsure:
        return Verdict("plain", "Converged; a network without a passed certificate", rows)
    return Verdict("good", "Converged: these draws can be used", rows)


def _converged(converged: Any, summary: dict[str, Any]) -> str:
    method = str(summary.get("method", "unknown"))
    if converged is None:
        return f"not stated by the method “{method}”"
    return f"{'yes' if converged else 'NO'}, by the own test of the method “{method}”"


def _size(size: float, draws: int) -> str:
    if not np.isfinite(size):
        return f"none stated; {plain(draws)} draws"
    return f"{plain(round(size))} of {plain(draws)} draws (ESS)"


def _evidence(summary: dict[str, Any]) -> str:
    value, error = summary.get("log_evidence"), summary.get("log_evidence_error")
    if value is None or not np.isfinite(value):
        return "this method gives none"
    if error is None or not np.isfinite(error):
        return f"$\\ln Z$ = {number(value, 2)}"
    places = 2 if error <= 0 else max(2, min(4, int(np.ceil(-np.log10(error)))))
    return f"$\\ln Z$ = {number(value, places)} ± {number(error, places)}"


def _closure(
    target: LikelihoodTarget, groups: dict[str, Any], summary: dict[str, Any], sample: Sample
) -> str:
    inside = summary.get("closure", {}).get("within_three_sigma")
    if inside is None:
        inside = within_three_sigma(target, groups, sample)
    if inside is None:
        return "not computed"
    text = f"{percent(inside)} within 3 sigma of every measured value"
    change = summary.get("closure", {}).get("max_log_likelihood_change")
    if change is not None and np.isfinite(change):
        again = (
            f"$\\ln L$ moves by {plain(float(change))} at most" if change else "the same $\\ln L$"
        )
        text += f"; evaluated again: {again}"
    return text
