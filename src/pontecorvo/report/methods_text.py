"""How a run was made, as the paragraph that a paper needs, with its references and their BibTeX."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ..core.target import LikelihoodTarget
from .math_svg import rich_text, user_text
from .numbers import number, percent, plain
from .page import data_uri

_HOW = {
    "network": "by importance sampling: a conditional normalising flow, trained on simulations of "
    "this model, proposes parameters, and each draw is weighed by the exact ratio of posterior to "
    "proposal density",
    "exact": "by an exact sampler: proposals in the model's own coordinates, weighed by the "
    "posterior, resampled, and decorrelated by Markov chains",
    "smc": "by annealed sequential Monte Carlo",
    "nautilus": "by importance nested sampling",
    "emcee": "by affine-invariant Markov chains",
    "rounds": "by truncated rounds of a neural posterior estimator, its draws weighed by the exact "
    "posterior",
    "lift": "by solving for parameters that reproduce draws of the measurement, weighed by the "
    "exact density of the solutions",
    "importance": "by importance sampling from a multivariate t distribution",
    "modes": "by a search of all separate modes and importance sampling about each",
}


def methods_section(target: LikelihoodTarget, summary: dict[str, Any]) -> Markup:
    """The paragraph, the numbered references, and the entries to copy; empty without citations."""
    cited = summary.get("citations")
    if not cited:
        return Markup("")
    numbers = {one["key"]: index for index, one in enumerate(cited, 1)}
    entries = "\n\n".join(one["bibtex"] for one in cited)
    items = Markup("").join(
        Markup("<li>{}</li>").format(rich_text(one.get("text", one["key"]))) for one in cited
    )
    return Markup(
        "<h3>Methods, for a paper</h3><p>{}</p>"
        '<ol class="references">{}</ol>'
        '<p class="files"><a download="references.bib" href="{}">BibTeX</a></p>'
        "<details><summary>The entries (also: <code>pontecorvo cite RUN</code>)</summary>"
        "<pre>{}</pre></details>"
    ).format(
        _paragraph(target, summary, cited, numbers),
        items,
        data_uri("application/x-bibtex", (entries + "\n").encode()),
        entries,
    )


def _paragraph(
    target: LikelihoodTarget,
    summary: dict[str, Any],
    cited: Sequence[dict[str, str]],
    numbers: dict[str, int],
) -> Markup:
    def marks(*roles: str) -> str:
        found = [str(numbers[one["key"]]) for one in cited if one["role"] in roles]
        return f" [{', '.join(found)}]" if found else ""

    method = str(summary.get("method", "unknown"))
    first = method.partition(",")[0].split()[0] if method else ""
    how = _HOW.get(first, f"by the method “{user_text(method)}”")
    if "annealed" in method:
        how += ", along annealed steps from one to the other"
    study = user_text(summary.get("study") or target.model.name)
    text = (
        f"The posterior of the {len(target.model.parameters)} parameters of {study}"
        f"{marks('model')} given the data{marks('data')} was drawn {how}{marks('method')}"
    )
    ess, draws = summary.get("ess"), summary.get("counts", {}).get("draws")
    if ess is not None and np.isfinite(ess) and draws:
        text += f": {plain(draws)} draws with an effective sample size of {plain(round(ess))}"
    text += "."
    value, error = summary.get("log_evidence"), summary.get("log_evidence_error")
    if value is not None and np.isfinite(value):
        text += f" The evidence is $\\ln Z$ = {number(value, 3)}"
        text += f" ± {number(error, 3)}." if error is not None and np.isfinite(error) else "."
    inside = summary.get("closure", {}).get("within_three_sigma")
    if inside is not None:
        text += (
            f" Put through the forward map again, {percent(inside)} of the posterior lies within "
            "three standard deviations of every measured value."
        )
    return rich_text(f"{text} Software:{marks('software')}.")
