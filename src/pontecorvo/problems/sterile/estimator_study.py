"""What a run's chosen estimators add: those trained for its data, and the MAP of every set."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...base.files import write_json
from ...base.progress import progress
from ...report.page import PageFigure, Section, table
from .estimators import ESTIMATORS
from .fits import JOINT, Fit

HEAD = ("estimator", "draws", "ESS/N", "k-hat", "sin^2 2theta", "dm2 [eV^2]", "ln B", "+-", "exact")
MAP_HEAD = (
    "set",
    "sin^2 2theta",
    "dm2 [eV^2]",
    "ln L over no oscillation",
    "best fit: sin^2 2theta",
)


def estimators_part(
    names: Sequence[str], fits: Mapping[str, Fit], seed: int, out: Path, stages: Path
) -> list[Section]:
    """Sections of the estimators that are no shipped networks; ``estimators.json``.

    Args:
        names: Those that were chosen, checked.
        fits: Every fit.
        seed: The run's.
        out: The run's folder.
        stages: Where finished rounds are kept.
    """
    made: list[Section] = []
    content: dict[str, Any] = {}
    if "map" in names:
        section, content["map"] = _maps(fits)
        made.append(section)
    kinds = [name for name in names if ESTIMATORS[name].trained]
    if kinds:
        section, content["trained"] = _trained(kinds, fits, seed, stages)
        made.append(section)
    if content:
        write_json(out / "estimators.json", content)
    return made


def _maps(fits: Mapping[str, Fit]) -> tuple[Section, list[dict[str, Any]]]:
    from .neural.trained_here import highest_density

    found = [highest_density(fit) for fit in fits.values()]
    rows = [
        [
            one["title"],
            f"{10 ** one['map_log10_s22']:.3g}",
            f"{10 ** one['map_log10_dm2']:.3g}",
            f"{one['log_likelihood_over_null']:.2f}",
            f"{10**fit.best.x:.3g}",
        ]
        for one, fit in zip(found, fits.values(), strict=True)
    ]
    text = (
        "The point of highest density of each exact posterior, under priors flat in both "
        "logarithms and with the uncertainties integrated out. The best fit takes the best value "
        "of each uncertainty instead, so that the two need not agree."
    )
    return Section("MAP of every set", text, after=table(MAP_HEAD, rows)), found


def _trained(
    kinds: Sequence[str], fits: Mapping[str, Fit], seed: int, stages: Path
) -> tuple[Section, list[dict[str, Any]]]:
    # PyTorch only where something is trained
    from .neural.trained_here import train_here
    from .report.neural_section import draws_cells, draws_figure

    fit = fits[JOINT] if JOINT in fits else next(iter(fits.values()))
    found = {}
    with progress("estimators for these data", len(kinds)) as advance:
        for kind in kinds:
            found[kind] = train_here(kind, fit, seed, stages / "estimators")
            advance(1, ESTIMATORS[kind].title)
    described = [one.describe() for one in found.values()]
    rows = [
        [ESTIMATORS[kind].title, *draws_cells(about)]
        for kind, about in zip(found, described, strict=True)
    ]
    text = (
        f"Trained in this run for the data of {fit.title.lower()}, on raw data simulated in rounds "
        "near the measured ones. Each draw is weighed by the exact likelihood: effective share, "
        "Pareto shape of the weights, MAP among the draws, ln of the Bayes factor over no "
        "oscillation with its error, and the exact one."
    )
    figure = PageFigure(
        "estimators-trained",
        draws_figure({ESTIMATORS[kind].title: {kind: one} for kind, one in found.items()}, True),
        "Raw draws (dots) over the exact regions of highest density at 68 and 95 % (lines).",
        "One panel an estimator: its draws over contours of the exact posterior.",
    )
    section = Section("Estimators trained for these data", text, [figure], table(HEAD, rows))
    return section, described
