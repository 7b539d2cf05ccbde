"""`pontecorvo explain`: the structure of a run's or a study's draws, written down."""

from pathlib import Path
from typing import Any

import numpy as np

from ....base.errors import InputError
from ....base.files import write_json
from ....base.folders import claimed_folder
from ....base.seeds import stream
from ....core.draws import Draws, weights_from_logs
from ....core.model import Model
from ....core.problem import Problem
from ....study.catalog import load_problem
from ....study.methods import method_of, sampler_of
from ....study.posterior_file import read_groups
from .explain import explain
from .extras import check_extras, learned
from .findings import Findings
from .structure_draws import StructureDraws

PRIOR_DRAWS = 20_000
_FILE = "explain.json"


def explain_study(
    subject: str,
    out: Path | str,
    draws: int = 4000,
    seed: int = 0,
    overwrite: bool = False,
    extras: bool = False,
) -> list[str]:
    """Explain the draws of a finished run, or of a study that is drawn for it.

    Args:
        subject: A run's folder, or a study: its name, YAML file or model's file.
        out: Folder for ``explain.json``, ``report.html`` and ``figures/``.
        draws: Draws of the posterior that are looked at.
        seed: Seed of everything.
        overwrite: Replace an explanation of something else.
        extras: A formula by symbolic regression and attributions as well (gplearn, shap).

    Returns:
        Sentences, one a finding.

    Raises:
        InputError: If the model has no Yukawas and heavy masses, `out` holds something else, or
            a package of the extras is not installed.
    """
    is_run = Path(subject).is_dir()
    if extras:
        check_extras()
    if is_run and not (Path(subject) / "posterior.nc").is_file():
        raise InputError(f"{subject}: holds no finished run (posterior.nc and settings.yaml)")
    problem = load_problem(str(Path(subject) / "settings.yaml") if is_run else subject)
    model = problem.target.model
    if not hasattr(model, "flavour_draws"):
        raise InputError(f"{subject}: the model {model.name} has no Yukawas to explain")
    prior = structure_draws(model, model.prior.sample(PRIOR_DRAWS, stream(seed, "explain")))
    about = {"subject": str(subject), "draws": draws, "seed": seed}
    if extras:
        about["extras"] = True
    with claimed_folder(out, _FILE, about, overwrite) as (out, mark):
        return _explained(subject, is_run, problem, prior, out, {"asked": mark, **about})


def _explained(
    subject: str,
    is_run: bool,
    problem: Problem,
    prior: StructureDraws,
    out: Path,
    about: dict[str, Any],
) -> list[str]:
    model, draws, seed = problem.target.model, about["draws"], about["seed"]
    theta, weight = _of_run(Path(subject), model) if is_run else _drawn(problem, draws, seed)
    if len(theta) > draws:
        theta, weight = theta[:draws], weight[:draws]
    posterior = structure_draws(model, theta, weight)
    known = None
    if problem.target.chart is not problem.target.raw_chart:
        # an independent exact sample is the prior that knows the measurement
        from ....samplers.exact import sample_exact

        other = sample_exact(problem.target, draws, seed + 1)
        known = structure_draws(model, other.theta)
    measured = [q.name for q in model.observables if q.name in posterior.predictions]
    findings = explain(posterior, prior, measured, known=known)
    said, more = learned(findings, posterior, prior, seed) if "extras" in about else ([], {})
    write_json(out / _FILE, {**about, **findings.as_json(), **more})
    _report(out, problem, findings, said, about)
    answers = (answer.sentence for answer in findings.answers)
    return [*findings.sentences, findings.charges_text, *answers, *said]


def structure_draws(
    model: Model, theta: np.ndarray, weight: np.ndarray | None = None
) -> StructureDraws:
    """Draws (N, P) of a model with Yukawas and heavy masses, as `explain` wants them.

    Raises:
        InputError: If it has none.
    """
    known = model.flavour_draws(theta)  # type: ignore[attr-defined]
    if not known.has("yukawas"):
        raise InputError(f"the model {model.name} has no Yukawas and heavy masses to explain")
    predictions = {name: np.asarray(v) for name, v in model.predict(theta).items()}
    return StructureDraws(
        known.y, known.m, weight, predictions, vev=known.vev, ordering=known.ordering
    )


def _of_run(folder: Path, model: Model) -> tuple[np.ndarray, np.ndarray]:
    groups = read_groups(folder / "posterior.nc")
    stored = {
        str(name): values.values.reshape(-1, *values.shape[2:])
        for name, values in groups["posterior"].data_vars.items()
    }
    log_weight = groups["sample_stats"]["log_weight"].values.ravel()
    return model.from_variables(stored), weights_from_logs(log_weight)


def _drawn(problem: Problem, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    sampler = sampler_of(problem, method_of(problem))
    result: Draws = sampler(problem.target, draws, seed, None)
    return result.theta, weights_from_logs(result.log_weight)


def _report(
    out: Path, problem: Problem, findings: Findings, said: list[str], about: dict[str, Any]
) -> None:
    from ....report.math_svg import paragraphs
    from ....report.page import PageFigure, Section, write_page
    from . import figures

    pictures = [
        PageFigure(
            "candidates",
            figures.candidates_figure(findings),
            "How often a symmetry or texture nearly holds in the posterior, over how often it does "
            "in the prior, and in the prior that knows the measurement.",
            "Candidate symmetries and textures",
        ),
        PageFigure(
            "invariants",
            figures.invariants_figure(findings),
            "How many bits the data tell of each rephasing-invariant quantity, and how many are "
            "left when the measurement itself is taken away.",
            "Invariants ranked by information",
        ),
        PageFigure(
            "correlations",
            figures.correlations_figure(findings),
            "Correlations of the logarithms of the Yukawas' sizes in the posterior.",
            "Heat map of correlations of log abs(Y)",
        ),
        PageFigure(
            "charges",
            figures.charges_figure(findings),
            "Mean log abs(Y) of each entry, and the charges that would make it.",
            "Fitted charges",
        ),
    ]
    sentences = [*findings.sentences, findings.charges_text]
    told = Section("What tells posterior from prior", paragraphs("\n\n".join(said)))
    further = [told] if said else []
    write_page(
        out,
        f"Structure in the Yukawas of {problem.name}",
        f"{about['draws']} draws against {PRIOR_DRAWS} of the prior",
        sentences[:3],
        [
            Section("Findings", paragraphs("\n\n".join(sentences))),
            Section(
                "Heavy masses, CP phases, m_ee, hierarchy",
                paragraphs("\n\n".join(answer.sentence for answer in findings.answers)),
            ),
            *further,
            Section("Pictures", "", pictures),
        ],
        [],
    )
