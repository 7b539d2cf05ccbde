"""The study object: a target, a method, and everything that follows, in the order of a paper."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, check_whole
from ..base.files import kept_arrays, save_arrays, write_json
from ..base.float_errors import own_float_errors
from ..base.folders import alone_in, user_path
from ..base.progress import progress
from ..core.contract import check_contract, check_latex
from ..core.draws import Draws, weights_from_logs
from ..core.problem import LogRatio, Problem, Reference, RunView, Sampler
from ..core.target import LikelihoodTarget
from .certificate_files import Standing
from .identity import describe_sampler, run_fingerprint
from .outputs import OutputFolder
from .posterior_file import (
    build_groups,
    equal_groups,
    parameters_of,
    read_groups,
    write_groups,
)
from .prior_dependence import Reweighted, prior_dependence, reweight_by
from .summary import closure, comparison, intervals, versions

LEAST_FOR_REPORT = 10
"""Draws below which there is no distribution to show."""


@dataclass(frozen=True)
class Study:
    """A posterior to be drawn, and the way to draw it.

    Attributes:
        name: Short name, for titles.
        target: Model and measurement.
        sampler: ``sampler(target, draws, seed, folder) -> Draws``; it keeps its blocks in `folder`.
        method: Name of the sampler.
        draws: Number of draws.
        seed: Seed of everything.
        settings: Every setting in force, as plain types; written to settings.yaml. By default
            what the target and the sampler say of themselves.
        problem: What else belongs to the model: sections, pictures, alternatives of the prior.
            None: no more than any model has.
        reference: A second sampler, whose draws the report shows beneath and the summary compares.
        standing: Says what is known of the calibration of each network that is used.
        other_priors: Priors of the user's own under which the report shows the predictions too:
            ``log_ratio(theta, predictions)`` (N,) by name, the log of the density over that of the
            run's prior. They change no draw.

    Raises:
        InputError: If `draws` is not a positive whole number, or `seed` not a whole number >= 0,
            or what the model declares contradicts itself (`core.contract`).
    """

    name: str
    target: LikelihoodTarget
    sampler: Sampler
    method: str
    draws: int = 10_000
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    reference: Reference | None = None
    standing: Callable[[], list[Standing] | None] | None = None
    other_priors: Mapping[str, LogRatio] = field(default_factory=dict)

    @own_float_errors
    def __post_init__(self) -> None:
        check_whole(draws=(self.draws, 1), seed=(self.seed, 0))
        check_contract(self.target)
        content = dict(self.settings) or {
            "study": self.name,
            "target": self.target.describe(),
            "sampler": describe_sampler(self.sampler),
        }
        # the numbers that are used, also in a study that was copied with `replace`
        content.update(method=self.method, draws=int(self.draws), seed=int(self.seed))
        object.__setattr__(self, "settings", content)

    @classmethod
    def of(cls, problem: Problem) -> "Study":
        """The study that a problem's settings describe."""
        from .amortised_network import exact_reference, network_standing
        from .methods import method_of, sampler_of

        method = method_of(problem)
        is_network = method == "network"
        return cls(
            name=problem.name,
            target=problem.target,
            sampler=sampler_of(problem, method),
            method=method,
            draws=problem.settings.draws,
            seed=problem.settings.seed,
            settings=problem.plain_settings(),
            problem=problem,
            reference=exact_reference(problem) if is_network else None,
            standing=partial(network_standing, problem) if is_network else problem.standing,
            other_priors=problem.other_priors(),
        )

    @own_float_errors
    def run(self, out: Path | str, overwrite: bool = False, report: bool = True) -> "Result":
        """Draw, check, predict, report; write the contract's files to `out`.

        A run that was killed takes up where it was, and ends in the same draws. A finished run is
        not drawn again.

        Args:
            out: Folder for the results.
            overwrite: Replace the results of a run with other settings.
            report: Also make the pictures and the HTML page.

        Returns:
            The result, as read back from the files.

        Raises:
            InputError: If `out` cannot be written, holds a run with other settings, or is another
                process's at the moment.
        """
        if report:
            if self.draws < LEAST_FOR_REPORT:
                raise InputError(
                    f"draws: {self.draws} is too few for a report (at least {LEAST_FOR_REPORT}); "
                    "give more, or --no-report"
                )
            check_latex(self.target)
        folder = OutputFolder(user_path(out), self.settings, overwrite)
        with alone_in(folder.open()):
            return self._run(folder, report)

    def _run(self, folder: OutputFolder, report: bool) -> "Result":
        out, seconds = folder.out, dict[str, float]()
        # other priors weigh the same draws: to ask for another one draws nothing anew
        drawn = {name: value for name, value in self.settings.items() if name != "other_priors"}
        stages = out / ".stages" / run_fingerprint(drawn, self.target, self.sampler)

        def timed(stage: str, work: Callable[[], Any]) -> Any:
            start = time.perf_counter()
            with progress(stage):
                result = work()
            seconds[stage] = time.perf_counter() - start
            return result

        try:
            draws = timed("draw", lambda: self._draw(stages))
        except InputError:  # the settings were at fault: leave nothing behind
            folder.forget(stages)
            raise
        folder.claim(stages)
        groups = timed("predict", lambda: self._groups(draws))
        attributes = {"study": self.name, "method": self.method, "seed": self.seed}

        def write() -> None:
            write_groups(out / "posterior.nc", groups, attributes)
            if np.isfinite(draws.ess):  # else they follow no posterior
                equal = equal_groups(groups, draws.ess, self.seed)
                write_groups(out / "equal.nc", equal, attributes)

        timed("write", write)
        checks = timed("check", lambda: self._closure(out / "posterior.nc", draws))
        summary = self._summary(draws, checks)
        if self.standing is not None and (networks := self.standing()):
            summary["networks"] = [network.describe() for network in networks]
        summary["intervals"] = intervals(groups)
        summary["citations"] = self._citations(summary, report)
        # what was generated for another purpose is no posterior, and has no prior to exchange
        if np.isfinite(draws.ess):
            dependence = self._prior_dependence(draws, groups)
            if dependence:
                summary["prior_dependence"] = dependence
        result = Result(out, self, draws, groups, summary)
        summary["seconds"] = self._kept_seconds(stages, seconds)
        if report:
            try:
                self._report(out, stages, result, timed, seconds)
            except Exception:  # the draws are worth more than their pictures
                self._finish(folder, summary, stages, seconds)
                raise
        self._finish(folder, summary, stages, seconds)
        return result

    def _report(
        self, out: Path, stages: Path, result: "Result", timed: Any, seconds: dict[str, float]
    ) -> None:
        """What the problem adds, the reference draws, and the page."""
        from ..report import write_report

        groups, draws, summary = result.groups, result.draws, result.summary

        def part(stage: str, work: Callable[[], Any]) -> Any:
            return timed(f"follow: {stage}", work)

        extra: list[Any] = []
        if self.problem is not None:
            follow = self.problem.follow
            extra = timed("follow", lambda: follow(out, stages, part))
        beneath, name = None, ""
        if self.reference is not None:
            other = timed("reference", lambda: self._reference_draws(stages))
            beneath, name = self._groups(other), self.reference.name
            summary["reference"] = comparison(groups, draws, beneath, other)
        summary["seconds"] = self._kept_seconds(stages, seconds)  # the page shows them
        run = RunView(out, groups, summary, beneath, name, extra)
        timed("report", lambda: write_report(self.target, run, self.problem))

    def _finish(
        self,
        folder: OutputFolder,
        summary: dict[str, Any],
        stages: Path,
        seconds: dict[str, float],
    ) -> None:
        summary["seconds"] = self._kept_seconds(stages, seconds)
        summary["files"] = folder.hashes()
        write_json(folder.out / "summary.json", summary)

    def _groups(self, draws: Draws) -> dict[str, Any]:
        extra = None if self.problem is None else self.problem.extra_predictions
        return build_groups(self.target.model, draws, extra)

    def _prior_dependence(self, draws: Draws, groups: dict[str, Any]) -> list[dict[str, Any]]:
        """What the draws say under other priors; empty where there is nothing to compare."""
        built_in = {} if self.problem is None else self.problem.prior_alternatives()
        if not built_in and not self.other_priors:
            return []
        model = self.target.model
        predictions = {
            str(n): np.asarray(v.values).ravel() for n, v in groups["predictions"].data_vars.items()
        }
        parameters = {q.name: draws.theta[:, i] for i, q in enumerate(model.parameters)}
        columns = {**parameters, **predictions}
        names = () if self.problem is None else self.problem.prior_columns()
        angles = {
            q.name for q in (*model.parameters, *model.prediction_quantities) if q.unit == "rad"
        }
        wanted = names or [name for name in columns if name not in angles][:6]
        return prior_dependence(
            self.target,
            draws.theta,
            draws.log_weight,
            {name: columns[name] for name in wanted},
            predictions,
            built_in,
            self.other_priors,
        )

    def _citations(self, summary: dict[str, Any], report: bool) -> list[dict[str, str]]:
        """What to cite: what the problem declares, and what was used."""
        from .cite import as_plain, citations_for, citations_of_problem

        if self.problem is not None:
            return as_plain(citations_of_problem(self.problem, summary, report))
        source = getattr(self.target.measurement, "source", "")
        return as_plain(citations_for([source], (), summary, report))

    def _reference_draws(self, stages: Path) -> Draws:
        assert self.reference is not None
        finished = stages / "reference.npz"
        draws = self._kept_draws(finished)
        if draws is None:
            blocks = stages / "reference"
            draws = self.reference.sampler(self.target, self.reference.draws, self.seed, blocks)
            save_arrays(finished, **draws.to_arrays())
            shutil.rmtree(blocks, ignore_errors=True)
        return draws

    def _draw(self, stages: Path) -> Draws:
        finished, blocks = stages / "draws.npz", stages / "blocks"
        draws = self._kept_draws(finished)
        if draws is None:
            start = time.perf_counter()
            draws = self.sampler(self.target, self.draws, self.seed, blocks)
            write_json(stages / "seconds.json", {"draw": time.perf_counter() - start})
            save_arrays(finished, **draws.to_arrays())
        shutil.rmtree(blocks, ignore_errors=True)  # only now are the blocks of no more use
        return draws

    def _kept_draws(self, path: Path) -> Draws | None:
        """Draws of a finished run, if the forward map still says of them what it said then."""
        arrays = kept_arrays(path)
        if arrays is None:
            return None
        try:
            draws = Draws.from_arrays(arrays)
        except (LookupError, TypeError, ValueError):  # a file that is whole, but not ours
            return None
        if draws.theta.ndim != 2 or draws.theta.shape[1] != len(self.target.model.parameters):
            return None
        if draws.log_likelihood.shape != draws.theta.shape[:1]:
            return None
        again = self.target.log_likelihood(draws.theta)
        same = np.allclose(again, draws.log_likelihood, rtol=1e-6, atol=1e-6, equal_nan=True)
        return draws if same else None

    @staticmethod
    def _kept_seconds(stages: Path, seconds: dict[str, float]) -> dict[str, float]:
        """Seconds by stage; drawing keeps those of the run that drew."""
        path = stages / "seconds.json"
        try:
            kept = {str(k): float(v) for k, v in json.loads(path.read_text("utf-8")).items()}
        except (OSError, ValueError, TypeError, AttributeError):  # none, or cut by a lost machine
            kept = {}
        return {name: round(value, 3) for name, value in {**seconds, **kept}.items()}

    def _closure(self, path: Path, draws: Draws) -> dict[str, Any]:
        return closure(self.target, parameters_of(self.target.model, read_groups(path)), draws)

    def _summary(self, draws: Draws, checks: dict[str, Any]) -> dict[str, Any]:
        return {
            "study": self.name,
            "method": draws.method,
            "seed": self.seed,
            "counts": {"draws": len(draws.theta), "requested": self.draws},
            "raw_acceptance": draws.raw_acceptance,
            "ess": draws.ess,
            "ess_fraction": draws.ess / len(draws.theta),
            "log_evidence": draws.log_evidence,
            "log_evidence_error": draws.log_evidence_error,
            **self.target.evidence_notes(draws.log_evidence),
            "converged": draws.converged,
            "closure": checks,
            "method_notes": draws.notes,
            "target": self.target.describe(),
            "versions": versions(),
        }


@dataclass
class Result:
    """What a run left behind.

    Attributes:
        out: Folder with posterior.nc, summary.json, settings.yaml, report.html and figures.
        study: The study that was run.
        draws: The draws.
        groups: xarray datasets ``posterior``, ``sample_stats`` and ``predictions``.
        summary: Content of summary.json.
    """

    out: Path
    study: Study
    draws: Draws
    groups: dict[str, Any]
    summary: dict[str, Any]

    @property
    def weights(self) -> np.ndarray:
        """Weights (N,) of the draws, which sum to one; equal where the method gives such draws."""
        return weights_from_logs(self.draws.log_weight)

    def prediction(self, name: str) -> np.ndarray:
        """Values (N,) of one prediction; to be used with `weights`."""
        return self.groups["predictions"][name].values.ravel()

    def under_prior(self, log_ratio: LogRatio) -> Reweighted:
        """The same draws under a prior of the user's own, of any model.

        Args:
            log_ratio: ``log_ratio(theta, predictions)`` (N,) of parameters (N, P) and predictions
                (N,) by name: the log of the other prior's density over that of the run's, up to a
                constant; -inf where the other one is zero. Where the run's own is zero there are no
                draws, so the other prior must not reach beyond it.

        Returns:
            Log weights, their effective sample size, and whether they are usable.

        Raises:
            InputError: If what it gives is no log ratio.
        """
        values = {str(n): v.values.ravel() for n, v in self.groups["predictions"].data_vars.items()}
        return reweight_by(self.draws.log_weight, log_ratio(self.draws.theta, values))
