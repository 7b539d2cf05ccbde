"""The section that writes down prior, likelihood and posterior, and what made the numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..base.files import sha256
from ..core.prior import Marginal, Normal, SignedLogUniform, Uniform
from ..core.target import LikelihoodTarget
from .math_svg import formula, paragraphs, user_text
from .methods_text import methods_section
from .numbers import plain
from .page import Section, definitions, table

_PULL = r"\qquad r_k = (x_k(\theta) - \hat{x}_k)\,/\,\sigma_k"
_POSTERIOR = (
    r"p(\theta\,|\,d) = L(d\,|\,\theta)\; \pi(\theta)\, /\, Z, \qquad "
    r"Z = \int\; L(d\,|\,\theta)\; \pi(\theta)\; \mathrm{d}\theta"
)
_GAUSSIAN = r"\ln L = -\frac{1}{2} \sum_k\; r_k^2 - \sum_k\; \ln(\sqrt{2\pi}\,\sigma_k)," + _PULL
_CORRELATED = (
    r"\ln L = -\frac{1}{2}\, r^T C^{-1} r - \frac{1}{2} \ln \det(2\pi\, C)"
    r" - \sum_k\; \ln \sigma_k," + _PULL
)
_SHAPES = {
    "gaussian": "with $\\sigma_k$ the mean of the upper and the lower error; angles are compared "
    "the short way round.",
    "two-piece": "with $\\sigma_k$ in $r_k$ the upper error above the centre and the lower one "
    "below it (two-piece normal), and their mean in the constant.",
    "box": "$L = 1$ inside the 3 sigma range of every measured quantity and 0 outside, so that "
    "$Z$ is the prior's probability of the box.",
}


def display(tex: str) -> Markup:
    """A formula on a line of its own."""
    return Markup('<div class="display">{}</div>').format(formula(tex))


def how_made_section(
    out: Path, target: LikelihoodTarget, summary: dict[str, Any], model_text: str | Markup = ""
) -> Section:
    """Posterior, prior and likelihood as formulas; settings, seconds, versions and hashes.

    Args:
        out: The run's folder: hashes of posterior.nc and the text of settings.yaml, where present.
        target: Model and measurement.
        summary: Content of summary.json.
        model_text: The forward map, in words and formulas.
    """
    parts = [
        methods_section(target, summary),
        Markup("<h3>Posterior</h3>"),
        display(_POSTERIOR),
        Markup("<h3>Forward map</h3>") + model_text if model_text else Markup(""),
        Markup("<h3>Prior</h3>"),
        _prior(target),
        Markup("<h3>Likelihood</h3>"),
        _likelihood(target),
        Markup("<h3>Run</h3>"),
        definitions(_run(summary)),
        _files(out),
    ]
    return Section("How these numbers were made", Markup("\n").join(parts))


def _describe(marginal: Marginal, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if isinstance(marginal, Uniform):
        ends = f"[{plain(marginal.low)}, {plain(marginal.high)}]"
        return f"uniform in {ends}{unit}{', a circle' if marginal.periodic else ''}"
    if isinstance(marginal, Normal):
        return f"normal, mean {plain(marginal.mean)}, sigma {plain(marginal.sigma)}{unit}"
    if isinstance(marginal, SignedLogUniform):
        ends = f"[{plain(marginal.low)}, {plain(marginal.high)}]"
        return f"magnitude log-uniform in {ends}{unit}, either sign with probability 1/2"
    return f"{marginal!r}{unit}"


def _prior(target: LikelihoodTarget) -> Markup:
    """One row for each run of parameters with the same density."""
    prior, parameters = target.model.prior, target.model.parameters
    ordered = {index for group in prior.ordered for index in group}
    rows, start = [], 0
    marginals = prior.marginals
    for stop in range(1, len(marginals) + 1):
        same = stop < len(marginals) and (
            repr(marginals[stop]) == repr(marginals[start])
            and (stop in ordered) == (start in ordered)
        )
        if same:
            continue
        symbols = [f"${q.latex}$" if q.latex else user_text(q.name) for q in parameters[start:stop]]
        if len(symbols) > 6:
            symbols = [*symbols[:3], "…", symbols[-1]]
        text = _describe(marginals[start], parameters[start].unit)
        text += ", in ascending order" if start in ordered else ""
        rows.append((", ".join(symbols), stop - start, text))
        start = stop
    return paragraphs(
        f"$\\pi(\\theta)$ is the product of these independent densities, normalised, over "
        f"{len(parameters)} parameters."
    ) + table(("parameters", "number", "density"), rows, "words")


def _likelihood(target: LikelihoodTarget) -> Markup:
    content = target.describe_likelihood()
    shape = str(content.get("shape", ""))
    parts: list[Markup] = []
    if shape in ("gaussian", "two-piece"):
        parts.append(display(_CORRELATED if "correlation" in content else _GAUSSIAN))
    parts.append(
        paragraphs(_SHAPES.get(shape, f"As the model's file defines it ({shape or 'no name'})."))
    )
    if content.get("source"):
        parts.append(paragraphs(f"Measured values: {user_text(content['source'])}."))
    quantities = content.get("quantities")
    if isinstance(quantities, dict):
        symbols = {q.name: q for q in target.model.observables}
        rows = [
            (
                f"${symbols[name].latex}$"
                if name in symbols and symbols[name].latex
                else user_text(name),
                plain(q["central"]),
                f"+{plain(q['sigma_plus'])} −{plain(q['sigma_minus'])}",
                f"{plain(q['three_sigma'][0])} to {plain(q['three_sigma'][1])}",
                symbols[name].unit.replace("eV^2", "eV$^2$") if name in symbols else "",
            )
            for name, q in quantities.items()
        ]
        parts.append(table(("", "value", "error", "3 sigma range", "unit"), rows))
    if "correlation" in content:
        matrix = [[plain(float(v)) for v in row] for row in content["correlation"]]
        parts.append(paragraphs("Correlation matrix $C$, in the same order:"))
        parts.append(table([""] * len(matrix), matrix))
    return Markup("\n").join(parts)


def _run(summary: dict[str, Any]) -> list[tuple[object, object]]:
    pairs: list[tuple[object, object]] = []
    for key in ("study", "method", "seed"):
        if key in summary:
            value = summary[key]
            if key == "seed":
                pairs.append(("seed of the run (--seed)", str(value)))
            else:
                pairs.append((key, user_text(plain(value))))
    seconds: dict[str, float] = summary.get("seconds", {})
    if seconds:
        text = ", ".join(f"{stage} {plain(float(value))}" for stage, value in seconds.items())
        pairs.append(("seconds", text))
    versions: Sequence[tuple[str, str]] = tuple(summary.get("versions", {}).items())
    if versions:
        pairs.append(("versions", ", ".join(f"{name} {value}" for name, value in versions)))
    return pairs


def _files(out: Path) -> Markup:
    pairs = [
        (f"SHA-256 of {name}", Markup("<code>{}</code>").format(sha256(out / name)))
        for name in ("posterior.nc", "settings.yaml")
        if (out / name).is_file()
    ]
    text = definitions(pairs) if pairs else Markup("")
    settings = out / "settings.yaml"
    if settings.is_file():
        content = settings.read_text(encoding="utf-8")
        text += Markup(
            "<details><summary>Every setting in force (settings.yaml)</summary>"
            "<pre>{}</pre></details>"
        ).format(content)
    return text
