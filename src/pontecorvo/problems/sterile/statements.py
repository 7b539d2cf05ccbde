"""The statements of published fits, with our own numbers for each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...frequentist.goodness import ParameterGoodness
from .experiment_registry import Setting, load_experiments
from .fits import JOINT, Fit, Settings
from .shipped_tables import shipped_table

CROSS_SECTION_ERRORS = (0.0, 0.02, 0.032)


@dataclass(frozen=True)
class Statement:
    """What a paper says and what we find.

    Attributes:
        subject: What it is about.
        published: The paper's words in short.
        source: The paper.
        ours: Our number in words.
    """

    subject: str
    published: str
    source: str
    ours: str


def significance_text(fit: Fit) -> str:
    """Delta chi2 of no oscillation and its significance by trials, local and by Wilks."""
    low, high = fit.null.sigma_range
    return (
        f"delta chi2 {fit.null.statistic:.2f}; by trials {fit.null.sigma:.2f} sigma "
        f"({low:.2f} to {high:.2f}; p = {fit.null.value:.2g}); Wilks with two parameters "
        f"{fit.null_wilks[1]:.2f}; local, at the best dm2, {fit.elsewhere.local_sigma:.2f}"
    )


def goodness_text(result: ParameterGoodness) -> str:
    """p-value of a parameter goodness of fit by trials and by the textbook."""
    trials = result.by_trials
    p = f"p = {100 * trials.value:.3g} %"
    if trials.limit_only:
        p = f"p < {100 * trials.high:.2g} % (no trial beyond)"
    return (
        f"chi2 {result.statistic:.2f}; by trials {p}, {trials.sigma:.2f} sigma; textbook "
        f"chi2({result.degrees}) p = {100 * result.textbook:.3g} %, "
        f"{result.textbook_sigma:.2f} sigma"
    )


def best_text(fit: Fit) -> str:
    """Best fit and chi2."""
    best = fit.best
    return (
        f"({10**best.y:.3g} eV2; {10**best.x:.3g}), log10 ({best.x:.2f}; {best.y:.2f}); "
        f"chi2 {best.chi2:.2f}, null {best.null_chi2:.2f}"
    )


def gallium_significances(settings: Settings, setting: Setting) -> dict[float, Fit]:
    """Gallium alone for each uncertainty of the common cross section."""
    result = {}
    for error in CROSS_SECTION_ERRORS:
        experiments = load_experiments("gallium", replace(setting, gallium_cross_section=error))
        name = f"gallium-{100 * error:g}"
        title = f"Gallium, cross section {100 * error:g} %"
        result[error] = Fit(name, title, tuple(experiments), settings)
    return result


def statements(
    fits: dict[str, Fit],
    tensions: Sequence[ParameterGoodness],
    setting: Setting,
) -> list[Statement]:
    """Every published statement that the chosen experiments speak to.

    Args:
        fits: Those of `sets_of`.
        tensions: Those of `tensions`.
        setting: The user's setting, for gallium with other cross-section uncertainties.
    """
    table = shipped_table("published.csv", required=())
    published = {
        str(key): (str(text), str(source))
        for key, text, source in zip(table["key"], table["statement"], table["source"], strict=True)
    }
    settings = next(iter(fits.values())).settings
    rows: list[Statement] = []

    def add(key: str, subject: str, ours: str) -> None:
        rows.append(Statement(subject, *published[key], ours))

    if any(name in fits for name in ("gallium", "best")):
        for fit in gallium_significances(settings, setting).values():
            add("gallium", fit.title, significance_text(fit))
    for result in tensions:
        key = {"solar": "gallium-solar", "all others": "gallium-rest"}.get(result.names[1])
        if key and result.names[0] == "gallium":
            add(key, " against ".join(result.names), goodness_text(result))
    if JOINT in fits:
        add("joint", "joint fit", significance_text(fits[JOINT]))
    for key in published:
        names = key.removeprefix("set:").split("+") if key.startswith("set:") else []
        members = [fits[name].experiments[0] for name in names if name in fits]
        if len(members) > 1:
            title = " + ".join(member.title for member in members)
            first = next(iter(fits.values()))
            fit = Fit("spectra", title, tuple(members), settings, None, first.maps, first.parts)
            add(key, title, significance_text(fit))
        name = key.removeprefix("best:")
        if key.startswith("best:") and name in fits:
            add(key, fits[name].title, best_text(fits[name]))
    return rows
