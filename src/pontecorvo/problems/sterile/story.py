"""What a run says in four lines: preference, best fit, posterior, contradiction.

The same lines head the report, end up in ``summary.json`` (`headline`) and are printed by the
command. Numbers come from the fits and tensions of the run alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...frequentist.goodness import ParameterGoodness
from .fits import JOINT, Fit
from .groups import GALLIUM, OTHERS
from .posterior_shape import PosteriorShape, shape_of

CONTRADICT = 3.0
"""Sigma by trials from which two sets of experiments are said to contradict each other."""
PREFER = 3.0
"""Sigma by trials from which oscillation is said to be preferred."""


@dataclass(frozen=True)
class Story:
    """The answer of a run.

    Attributes:
        verdict: A few words for the head of the page.
        lines: Name and sentence, in the order of reading.
        tiles: Name, number and a word on it, of what is to be seen at once.
        contradicted: Whether two sets contradict each other.
    """

    verdict: str
    lines: tuple[tuple[str, str], ...]
    tiles: tuple[tuple[str, str, str], ...] = field(default=())
    contradicted: bool = False

    def plain(self) -> list[str]:
        """The lines for a terminal, formulas in plain letters."""
        return [f"{name}: {_plain(text)}" for name, text in self.lines]


def tell(fits: Mapping[str, Fit], tensions: Sequence[ParameterGoodness]) -> Story:
    """Put the numbers of a run into words.

    Args:
        fits: Those of `fits.sets_of`; the first is the joint fit, or the only experiment.
        tensions: Those of `fits.tensions`.
    """
    fit = fits.get(JOINT) or next(iter(fits.values()))
    shape = shape_of(fit.posterior, (fit.best.x, fit.best.y))
    worst = told_tension(tensions)
    contradicted = worst is not None and worst.by_trials.sigma >= CONTRADICT
    lines = [
        ("preference", _preference(fit)),
        ("best fit", _best(fit)),
        ("posterior", _posterior(shape)),
        ("contradiction", _contradiction(worst, tensions)),
    ]
    return Story(
        _verdict(fit, worst, contradicted),
        tuple(lines),
        _tiles(fit, shape, worst),
        contradicted,
    )


def told_tension(tensions: Sequence[ParameterGoodness]) -> ParameterGoodness | None:
    """The pair that heads a report: gallium against all reactors, else the strongest tension."""
    if not tensions:
        return None
    for result in tensions:
        if result.names == (GALLIUM, "reactors"):
            return result
    return max(tensions, key=lambda result: result.by_trials.sigma)


def sigma_text(result: ParameterGoodness) -> str:
    """Its sigma by trials; a bound where no trial was beyond the data."""
    t = result.by_trials
    if t.limit_only:
        return f"more than {t.sigma_range[0]:.1f} sigma"
    return f"{t.sigma:.1f} sigma"


def number(value: float) -> str:
    """Three digits, no power of ten where it can be helped."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 else f"{value:.2g}"


def _point(point: tuple[float, float]) -> str:
    x, y = (number(10.0**value) for value in point)
    return f"($\\sin^2 2\\theta_{{ee}}$, $\\Delta m^2_{{41}}$) = ({x}, {y} eV$^2$)"


def _preference(fit: Fit) -> str:
    null, other = fit.null, fit.elsewhere
    return (
        f"3+1 over no oscillation by {null.sigma:.1f} sigma (p = {null.value:.1e}) by trials over "
        f"the whole plane, the look-elsewhere effect included; {other.local_sigma:.1f} sigma at "
        f"the best $\\Delta m^2$ as if it had been known, which is one of "
        f"{other.trials_factor:.0f} places; ln B = {fit.posterior.log_bayes_factor:.1f} for flat "
        "priors in both logarithms"
    )


def _best(fit: Fit) -> str:
    best = fit.best
    if not fit.meaningful_best:
        return (
            f"none that means anything: the lowest chi2 ({best.chi2:.1f}, without oscillation "
            f"{best.null_chi2:.1f}) lies at {_point((best.x, best.y))}"
        )
    return (
        f"{_point((best.x, best.y))}, chi2 {best.chi2:.1f} for {fit.bins} data points; without "
        f"oscillation {best.null_chi2:.1f}"
    )


def _posterior(shape: PosteriorShape) -> str:
    text = (
        f"mode at {_point(shape.mode)}, mean of the logarithms at {_point(shape.mean)}; "
        f"68 % of $\\Delta m^2_{{41}}$ in {number(10 ** shape.dm2_68[0])} to "
        f"{number(10 ** shape.dm2_68[1])} eV$^2$. "
    )
    share = 100 * shape.near_best
    return text + (
        f"Within a tenth of the best fit's $\\Delta m^2$ lies {share:.0f} % of the probability"
        + (
            ": the deepest valley is narrow, and most of it lies elsewhere"
            if shape.near_best < 0.5
            else ""
        )
    )


def _contradiction(worst: ParameterGoodness | None, tensions: Sequence[ParameterGoodness]) -> str:
    if worst is None:
        return "not tested: no two independent sets among the chosen experiments"
    first, second = worst.names
    text = (
        f"{first} against {second} at {sigma_text(worst)} by trials (parameter goodness of fit, "
        f"chi2 {worst.statistic:.1f})"
    )
    for result in tensions:
        if result.names == (GALLIUM, OTHERS) and result is not worst:
            text += f"; against {OTHERS} at {sigma_text(result)} (chi2 {result.statistic:.1f})"
    if worst.by_trials.sigma >= CONTRADICT:
        text += ". Data that contradict each other are no evidence of a sterile neutrino"
    return text


def _verdict(fit: Fit, worst: ParameterGoodness | None, contradicted: bool) -> str:
    sigma = fit.null.sigma
    if sigma >= PREFER:
        text = f"Oscillation is preferred at {sigma:.1f} sigma"
        if contradicted and worst is not None:
            first, second = worst.names
            return (
                f"{text}, but {first} and {second} contradict each other at {sigma_text(worst)}: "
                "no evidence of a sterile neutrino"
            )
        return text if worst is None else f"{text}, and the experiments do not contradict it"
    text = f"No oscillation is allowed: 3+1 is preferred by only {sigma:.1f} sigma"
    if contradicted and worst is not None:
        text += f"; {worst.names[0]} and {worst.names[1]} contradict each other"
    return text


def _tiles(
    fit: Fit, shape: PosteriorShape, worst: ParameterGoodness | None
) -> tuple[tuple[str, str, str], ...]:
    best = fit.best
    result = [
        ("3+1 over no oscillation", f"{fit.null.sigma:.1f} sigma", "by trials, whole plane"),
        ("ln Bayes factor", f"{fit.posterior.log_bayes_factor:.1f}", "flat in both logarithms"),
    ]
    if worst is not None:
        name = " against ".join(worst.names)
        result.append((name, sigma_text(worst), "contradiction, by trials"))
    if fit.meaningful_best:
        result.append(_place("best fit", (best.x, best.y), "lowest chi2"))
    result.append(_place("posterior's mode", shape.mode, "highest density"))
    result.append(_place("posterior's mean", shape.mean, "of the logarithms"))
    return tuple(result)


def _place(name: str, point: tuple[float, float], note: str) -> tuple[str, str, str]:
    x, y = (10.0**value for value in point)
    return name, f"{number(y)} eV$^2$", f"$\\sin^2 2\\theta_{{ee}}$ = {number(x)}; {note}"


_PLAIN = {
    "$\\sin^2 2\\theta_{ee}$": "sin^2 2theta_ee",
    "$\\Delta m^2_{41}$": "dm2_41",
    "$\\Delta m^2$": "dm2",
    "eV$^2$": "eV^2",
}


def _plain(text: str) -> str:
    for formula, letters in _PLAIN.items():
        text = text.replace(formula, letters)
    return text
