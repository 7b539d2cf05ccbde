"""The section that says how far the draws can be trusted: three fractions, ESS and evidence."""

from typing import Any

import numpy as np
from markupsafe import Markup

from ..base.quantiles import effective_size
from ..core.target import LikelihoodTarget, Target
from .math_svg import paragraphs
from .numbers import number, percent, plain
from .page import Section, definitions, table
from .posterior_sample import Sample

NETWORK = (
    "A network is a small neural density that has learned, from simulations, which parameters give "
    "which measurement. It only proposes: every draw is put through the model itself and weighed "
    "by the exact posterior, so a poor network costs effective draws and not the truth."
)

_NOTES = {
    "proposal_ess": "effective size of the weighted proposals, before the chains",
    "proposal_ess_fraction": "the same, as a fraction of the proposals",
    "chain_steps": "steps of each chain",
    "chain_acceptance": "accepted steps of the chains",
    "correlation_with_start": "largest correlation of a coordinate with its start, at the end",
    "correlation_allowed": "largest such correlation allowed",
    "proposals": "points weighed",
    "chart": "coordinates",
    "seed": "seed of the draws (derived from the run's seed and names)",
    "network": "what the network reached when it was trained",
    "options": "how the network was asked",
    "solver": "solver of the flow's equation",
    "k_hat": "Pareto k-hat of the weights' tail (below 0.7: they can be trusted)",
    "verdict": "what the weights say",
    "weighted_ess": "effective size of the weighted draws",
    "weighted_efficiency": "the same, as a fraction of the draws (ESS/N)",
    "guidance": "guidance scale (1: the conditional density)",
    "nodes": "nodes of the divergence's quadrature",
    "derivatives": "precision of the divergence",
    "density": "errors of solver and quadrature, measured on some draws",
    "annealed": "steps that carried the draws towards the posterior: levels, moves at each, what "
    "the guess of the weights explains, ESS/N before",
    "network_card_sha256": "SHA-256 of the network's card",
}
_CLOSURE = {
    "inside_prior": "inside the prior's support, evaluated again",
    "eleven_labels": "inside the 3 sigma ranges of all 11 labels (dm2_21, dm2_31, nine abs U)",
}


def within_three_sigma(
    target: LikelihoodTarget, groups: dict[str, Any], sample: Sample
) -> float | None:
    """Weighted fraction of the stored predictions inside every 3 sigma range.

    None where the predictions do not hold every observable of the measurement.
    """
    if not isinstance(target, Target):
        return None
    names = [q.name for q in target.model.observables]
    stored = groups["predictions"]
    if any(name not in stored for name in names):
        return None
    observables = np.stack([stored[name].values.ravel() for name in names], axis=1)
    inside = target.measurement.within_three_sigma(target.of_measured(observables))
    return sample.probability(inside)


def trust_section(
    target: LikelihoodTarget, groups: dict[str, Any], summary: dict[str, Any], sample: Sample
) -> Section:
    """Raw acceptance, corrected posterior and closure with their definitions; ESS; evidence."""
    closure = summary.get("closure", {})
    corrected = within_three_sigma(target, groups, sample)
    rows: list[tuple[object, str, str]] = []
    raw = summary.get("raw_acceptance")
    rows.append(
        (
            Markup("<b>Raw acceptance</b>"),
            "–" if raw is None else percent(raw, 2),
            "Of what the method itself proposed, before any weight or correction: the fraction "
            "inside the prior and inside the 3 sigma range of every measured quantity. "
            "It says how good the proposals are, and nothing of the posterior.",
        )
    )
    rows.append(
        (
            Markup("<b>Corrected posterior</b>"),
            "–" if corrected is None else percent(corrected, 2),
            "Of the posterior, that is of the draws with their weights: the probability inside "
            "the 3 sigma range of every measured quantity, from the predictions in posterior.nc. "
            "It need not be 100 %: the tails of the likelihood belong to the posterior.",
        )
    )
    if "within_three_sigma" in closure:
        change = closure.get("max_log_likelihood_change", float("nan"))
        rows.append(
            (
                Markup("<b>Closure</b>"),
                percent(closure["within_three_sigma"], 2),
                "The parameters read back from posterior.nc and put through the forward map once "
                "more: the same probability again. Largest change of a log-likelihood: "
                f"{plain(float(change))}.",
            )
        )
    for key, value in closure.items():
        if key in ("within_three_sigma", "max_log_likelihood_change"):
            continue
        rows.append(("Closure", percent(value, 2), f"Posterior {_CLOSURE.get(key, key)}."))
    body = (
        paragraphs(
            "Three fractions that are easily taken for one another. Every draw is checked by the "
            "forward map itself."
        )
        + (paragraphs(NETWORK) if "network" in str(summary.get("method", "")) else Markup(""))
        + table(("", "fraction", "what it is"), rows, "words")
        + definitions(_sizes(summary, sample))
    )
    return Section("Can these draws be trusted?", body)


def _sizes(summary: dict[str, Any], sample: Sample) -> list[tuple[object, object]]:
    kish = effective_size(sample.weight)
    stated = summary.get("ess", kish)
    known = stated is not None and np.isfinite(stated)
    text = f"{plain(round(float(stated)))}, as the method states it" if known else "none stated"
    pairs: list[tuple[object, object]] = [
        ("draws", plain(len(sample))),
        (
            "effective sample size",
            f"{text} (from the unequal weights alone: {plain(round(kish))})",
        ),
    ]
    evidence, error = summary.get("log_evidence"), summary.get("log_evidence_error")
    if evidence is not None and np.isfinite(evidence):
        spread = f" ± {number(error, 3)}" if error is not None and np.isfinite(error) else ""
        pairs.append(("log-evidence $\\ln Z$", f"{number(evidence, 3)}{spread}"))
    else:
        pairs.append(("log-evidence $\\ln Z$", "this method gives none"))
    if "reference" in summary:
        pairs.append(("against the classical sampler", _against(summary["reference"])))
    for network in summary.get("networks", []):
        pairs.append((f"network {network['network']}", network["line"]))
    if "converged" in summary:
        verdict = "yes, by the method's own test" if summary["converged"] else "NO"
        pairs.append(("converged", verdict))
    for key, value in summary.get("method_notes", {}).items():
        if key in ("warning", "rounds", "recipe"):  # they have a place of their own
            continue
        pairs.append((_NOTES.get(key, key.replace("_", " ")), plain(value)))
    return pairs


def _against(other: dict[str, Any]) -> str:
    """How far a second sampler of the same posterior agrees, in a sentence."""
    gap, worst = other["log_evidence_difference_in_sigma"], other["largest_distance"]
    return (
        f"{plain(other['draws'])} draws by the method “{other['method']}”: "
        f"ln Z {number(other['log_evidence'], 3)} ± {number(other['log_evidence_error'], 3)}, "
        f"{number(gap, 1)} sigma apart; of all predictions {worst['prediction']} differs most, by "
        f"{number(worst['over_its_95_percent_point'], 2)} of what chance exceeds once in twenty"
    )
