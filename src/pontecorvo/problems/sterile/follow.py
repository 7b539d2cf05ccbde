"""What follows the posterior of a sterile study: best fits, belts by trials, tension, sections.

Belts are kept piece by piece in the run's stages, so that a killed run takes up where it was.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...base.files import write_json
from ...base.parallel import one_blas_thread
from ...base.progress import progress
from ...core.problem import Timed
from ...frequentist.belts import Belt
from ...frequentist.goodness import ParameterGoodness
from ...report import figure_workers
from ...report.page import Section, begin_figures
from ...study.certificate_files import folder_standing
from .curves import shipped_curves, user_curves
from .estimator_study import estimators_part
from .estimators import ESTIMATORS, check_estimators
from .experiment_registry import expand, load_experiments
from .fits import JOINT, Fit, Settings, sets_of, tensions
from .nuisance_study import load_posterior, nuisances_part
from .plane_coordinates import shown_in
from .report.curves_figure import curves_section
from .report.methods_table import methods_section
from .report.sections import sections
from .settings import SterileSettings
from .statements import statements
from .story import Story, tell

if TYPE_CHECKING:
    from .neural.neural_fits import NeuralResult


@dataclass(frozen=True)
class Followed:
    """What follows the posterior.

    Attributes:
        sections: Of the report's page.
        story: What is to be read first.
    """

    sections: list[Section]
    story: Story


def follow(settings: SterileSettings, out: Path, stages: Path, timed: Timed) -> Followed:
    """Fit every set by every method; write figures, contours and ``fits.json`` to `out`.

    Args:
        settings: The study's settings.
        out: The run's folder.
        stages: Where finished pieces of the trials are kept.
        timed: Notes the seconds of each part.

    Returns:
        Sections for the report's page, and its story.
    """
    setting = settings.build_setting()
    # refuse what the network does not know before the long work
    every_pull = load_posterior(settings) if settings.nuisances else None
    effort = Settings(
        shape=settings.frequentist.points,
        trials=settings.frequentist.trials,
        max_trials=settings.frequentist.max_trials,
        tail_trials=settings.frequentist.tail_trials,
        goodness_trials=settings.frequentist.tail_trials,
        seed=settings.seed + 1,
    )
    curves = [*shipped_curves(), *user_curves(setting.data)]  # a bad file is refused now
    loaded = load_experiments(expand(settings.experiments), setting)
    fits = sets_of(loaded, effort, stages / "trials")
    single = next(iter(fits))  # the joint fit, or the only experiment
    wanted = [JOINT if JOINT in fits else single]
    if settings.frequentist.belts == "all":
        wanted = list(fits)
    elif settings.frequentist.belts == "none":
        wanted = []

    def build_belts() -> dict[str, Belt]:
        belts = {}
        for name in wanted:
            with progress(f"belt of {fits[name].title}") as advance:
                belts[name] = fits[name].belt(advance)
        return belts

    def build_tensions() -> list[ParameterGoodness]:
        with progress("tension between sets") as advance:
            return tensions(fits, advance)

    def describe_fits() -> None:
        with progress("fits and significances", len(fits)) as advance:
            every = []
            for fit in fits.values():
                every.append(fit.describe())
                advance(1, fit.title)
        write_json(out / "fits.json", every)

    # the trials have the cores, and bits do not depend on their number
    with shown_in(settings.axes), one_blas_thread():
        belts = timed("belts", build_belts)
        tension = timed("tensions", build_tensions)
        timed("fits", describe_fits)
        published = timed("published", lambda: statements(fits, tension, setting))
        made = timed("figures", lambda: sections(fits, belts, tension, published, out / "figures"))
        made.insert(1, curves_section(fits, belts, curves))
        made = begin_figures(made)  # drawn while the networks answer
        story = tell(fits, tension)
        try:
            neural, said = timed("neural", lambda: neural_part(settings, fits, belts, out))
            chosen = check_estimators(settings.estimators)
            own = (settings.seed, out, stages)
            more = timed("estimators", lambda: estimators_part(chosen, fits, *own))
            made = [*made, *more]
            if every_pull is not None:
                joint = fits.get(JOINT)
                pulls = timed("nuisances", lambda: nuisances_part(settings, out, joint, every_pull))
                made = [*made, pulls]
        except BaseException:
            figure_workers.close()
            raise
    first = methods_section(fits, belts, said, out / "figures")
    rest = made if neural is None else [*made, neural]
    return Followed([rest[0], first, *rest[1:]], story)


def neural_part(
    settings: SterileSettings, fits: dict[str, Fit], belts: dict[str, Belt], out: Path
) -> "tuple[Section | None, NeuralResult | None]":
    """The networks' section and result, with ``neural.json`` and ``neural-draws.npz``.

    No section where none is wanted, no result where there are no networks for these experiments.
    """
    folder = settings.networks()
    if folder is None and settings.neural == "none":
        return None, None
    if folder is None:
        return Section("Neural posteriors", "This copy of the program ships no networks."), None
    chosen = check_estimators(settings.estimators)
    if not any(not ESTIMATORS[name].trained and name != "map" for name in chosen):
        return None, None
    # PyTorch only where a network is wanted
    from .neural.neural_fits import run_networks, write_draws
    from .report.learned_section import LearnedContours
    from .report.neural_section import neural_section

    result = run_networks(fits, settings.seed, folder, chosen)
    if result is None:
        said = "The networks know none of these experiments."
        return Section("Neural posteriors", said), None
    known = {one.network: one for one in folder_standing(folder, "sterile")}
    known = {kind: one for kind, one in known.items() if kind in result.bundle.posteriors}
    certificates = {kind: one.describe() for kind, one in known.items()}
    known_fit = next(iter(result.fits[result.whole].values())).fit
    learned = None
    if "belts" in chosen:
        learned = LearnedContours.of(result.bundle, known_fit, belts.get(result.whole))
    about = {
        **result.describe(),
        "certificates": certificates,
        "learned_belts": learned.describe() if learned else {},
    }
    write_json(out / "neural.json", about)
    write_draws(result, out / "neural-draws.npz")
    with_checks = {kind: {"line": one.line, "checks": one.checks} for kind, one in known.items()}
    return neural_section(result, out / "figures", with_checks, learned), result
