"""The explorer of posteriors: a problem, a source of draws, and the answers that the page asks for.

It knows nothing of the web: Python objects in, plain content out.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError, one_line
from ..base.seeds import stream
from ..core.draws import Draws
from ..core.exploration import Exploration
from ..core.measurement import GaussianMeasurement, Measured
from ..core.problem import Problem
from ..core.target import LikelihoodTarget
from ..report.posterior_sample import Column, Sample, in_handy_unit
from ..study.certificate_files import Standing
from ..study.summary import closure
from .columns import Shown, intervals, regions, sample_of, shown_columns
from .outlines import pieces, symbol
from .questions import Question, asked_measurement
from .sources import Source, Stop

PRIOR_DRAWS = 20_000
_KEPT = 6  # answers whose draws can still be picked and exported
_DOTS = 1200  # points of a panel of two columns
_PANELS = 9


@dataclass(frozen=True)
class Answer:
    """What a question was answered with.

    Attributes:
        number: Its number, by which draws are picked from it.
        question: The question.
        target: Model and measurement.
        draws: Weighted draws.
        shown: Columns by name.
        sample: The same with weights.
        origin: What the draws are, in a few words.
    """

    number: int
    question: Question
    target: LikelihoodTarget
    draws: Draws
    shown: dict[str, Shown]
    sample: Sample
    origin: str


class Explorer:
    """A problem that is explored.

    Args:
        problem: The problem.
        source: Where draws come from.
        name: As it was named on the command line.
        about: One sentence on what answers.
        standing: What is known of the network's calibration; None without a network.
        ranges: Range of each observable within which the source answers, where it has one.
        seed: Of the prior's draws.
    """

    kind = "posterior"

    def __init__(
        self,
        problem: Problem,
        source: Source,
        name: str,
        about: str,
        standing: Standing | None = None,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        seed: int = 0,
    ) -> None:
        self.problem, self.source, self.name, self.about = problem, source, name, about
        self.standing, self.ranges, self.seed = standing, dict(ranges or {}), seed
        self.exploration: Exploration = problem.explore()
        self.answers: OrderedDict[int, Answer] = OrderedDict()
        self._count = 0
        self._home: Answer | None = None
        self._prior: dict[str, np.ndarray] | None = None

    # what may be asked

    @property
    def measurement(self) -> GaussianMeasurement | None:
        """The study's measurement, where it can be changed."""
        try:
            return self.problem.measurement
        except InputError:
            return None

    def optional(self) -> tuple[Measured, ...]:
        """Observables that may be measured beside the study's own."""
        found = self.measurement
        names = () if found is None else found.names
        return tuple(q for q in self.exploration.optional if q.name not in names)

    def target_of(self, question: Question) -> LikelihoodTarget:
        """Model and measurement of a question.

        Raises:
            InputError: If it cannot be asked.
        """
        if question.plain:
            return self.problem.target
        found = self.measurement
        if found is None:
            raise InputError(f"{self.problem.name}: its measurement cannot be changed")
        return self.problem.measured(asked_measurement(found, self.optional(), question))

    # answers

    def answer(self, question: Question) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Header and rows (N,) for the page.

        Raises:
            InputError: One sentence where the question is refused.
        """
        began = time.perf_counter()
        target = self.target_of(question)
        draws, origin = self.source.answer(target)
        kept = self._keep(question, target, draws, origin)
        weight = kept.sample.weight
        names = self.names
        rows = {"weight": weight}
        for name in names:
            found = kept.shown.get(name)
            rows[name] = np.full(len(weight), np.nan) if found is None else found.column.values
        header = {
            "answer": kept.number,
            "better": self.source.better(target),
            **self.quality(kept),
            "intervals": {
                name: intervals(kept.shown[name].column, weight)
                for name in names
                if name in kept.shown
            },
            "dots": np.unique(kept.sample.equal(_DOTS)).tolist(),
            "regions": [
                {"pair": pair, "levels": regions(kept.shown[pair[0]], kept.shown[pair[1]], weight)}
                for pair in question.pairs
                if pair[0] in kept.shown and pair[1] in kept.shown
            ],
            "seconds": time.perf_counter() - began,
        }
        return header, rows

    def improve(self, question: Question, stop: Stop) -> None:
        """Let the source draw for a question."""
        target = self.target_of(question)
        if self.source.better(target):
            self.source.improve(target, stop)

    def _keep(
        self, question: Question, target: LikelihoodTarget, draws: Draws, origin: str
    ) -> Answer:
        like, shown_like = (
            (None, {}) if self._home is None else (self._home.sample, self._home.shown)
        )
        sample = sample_of(self.problem, target, draws, like)
        shown = shown_columns(sample, draws.theta, self.exploration, shown_like)
        self._count += 1
        kept = Answer(self._count, question, target, draws, shown, sample, origin)
        self.answers[kept.number] = kept
        while len(self.answers) > _KEPT:
            self.answers.popitem(last=False)
        if self._home is None:
            self._home = kept
        return kept

    @property
    def names(self) -> list[str]:
        """Names of the columns, of the first answer."""
        return list(self.home.shown)

    @property
    def home(self) -> Answer:
        """The first answer: the study's own measurement."""
        if self._home is None:
            target = self.problem.target
            draws, origin = self.source.answer(target)
            self._keep(Question(), target, draws, origin)
        assert self._home is not None
        return self._home

    def found(self, number: int) -> Answer:
        """An answer that is still kept.

        Raises:
            InputError: If it is not.
        """
        if number not in self.answers:
            raise InputError(f"answer {number}: is not kept any more; move a slider and pick again")
        return self.answers[number]

    def quality(self, kept: Answer) -> dict[str, Any]:
        """How far an answer can be trusted."""
        draws = kept.draws
        many = len(draws.theta)
        k_hat = draws.notes.get("k_hat")
        return {
            "origin": kept.origin,
            "draws": many,
            "proposals": draws.notes.get("proposals", many),
            "ess": draws.ess,
            "k_hat": k_hat if isinstance(k_hat, (int, float)) else None,
            "k_limit": iw.k_limit(many),
            "trusted": draws.converged,
            "verdict": one_line(draws.notes.get("verdict", ""), 300),
            "raw_acceptance": draws.raw_acceptance,
            "log_evidence": draws.log_evidence,
            "log_evidence_error": draws.log_evidence_error,
            "closure": closure(kept.target, draws.theta, draws),
        }

    # what the page is told at first

    def prior(self) -> dict[str, np.ndarray]:
        """Columns of draws of the prior (`PRIOR_DRAWS`,), drawn once; NaN where there is none."""
        if self._prior is None:
            model = self.problem.target.model
            unit = stream(self.seed, "explorer", "prior").random((PRIOR_DRAWS, len(model.prior)))
            theta = model.prior.from_unit_cube(unit)
            zero = np.zeros(len(theta))
            draws = Draws(
                theta, zero, zero, zero, np.nan, np.nan, np.nan, float(len(theta)), True, "prior"
            )
            home = self.home
            with np.errstate(all="ignore"):
                sample = sample_of(self.problem, home.target, draws, home.sample)
                shown = shown_columns(sample, theta, self.exploration, home.shown)
            self._prior = {
                name: shown[name].column.values if name in shown else np.full(len(theta), np.nan)
                for name in self.names
            }
        return self._prior

    def describe(self) -> dict[str, Any]:
        """Everything that stays the same while the page is open."""
        shown = self.home.shown
        panels = [name for name in self.exploration.panels if name in shown]
        if not panels:
            panels = [*shown][:_PANELS]
        pairs = [p for p in self.exploration.pairs if p[0] in shown and p[1] in shown]
        if not pairs and len(panels) > 1:
            pairs = [(panels[0], panels[1])]
        standing = self.standing
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.problem.name,
            "about": self.about,
            "standing": None if standing is None else standing.describe(),
            "measured": self._controls(),
            "source": "" if self.measurement is None else one_line(self.measurement.source, 300),
            "forecasts": [
                {
                    "name": forecast.name,
                    "title": forecast.title,
                    "errors": {n: 0.5 * (p + m) for n, (p, m) in forecast.errors.items()},
                    "source": forecast.source,
                }
                for forecast in self.exploration.forecasts
            ],
            "columns": [shown[name].describe() for name in shown],
            "panels": panels,
            "pairs": pairs,
            "files": [
                {"ending": file.ending, "title": file.title} for file in self.exploration.files
            ],
        }

    def _controls(self) -> list[dict[str, Any]]:
        """Sliders: one for every measured quantity, those that may be measured last."""
        if self.measurement is None:
            return []
        described = {q.name: q for q in self.problem.target.model.observables}
        described |= {q.name: q for q in self.problem.target.model.prediction_quantities}
        found = []
        for measured, extra in [
            *((q, False) for q in self.measurement.quantities),
            *((q, True) for q in self.optional()),
        ]:
            quantity = described.get(measured.name)
            plain = Column(
                measured.name,
                np.array([measured.central]),
                quantity.latex if quantity else "",
                "rad" if measured.period else (quantity.unit if quantity else ""),
            )
            handy = in_handy_unit(plain, np.ones(1))
            found.append(
                {
                    "name": measured.name,
                    "symbol": symbol(plain.symbol, plain.name),
                    "unit": pieces("" if handy.unit == "1" else handy.unit),
                    "description": quantity.description if quantity else "",
                    "factor": handy.factor,
                    "central": measured.central,
                    "sigma": measured.sigma,
                    "range": self._range(measured),
                    "optional": extra,
                }
            )
        return found

    def _range(self, measured: Measured) -> tuple[float, float]:
        """Ends of the slider: the network's range, the circle, or five sigma."""
        if measured.name in self.ranges:
            return self.ranges[measured.name]
        if measured.period is not None:
            return 0.0, measured.period
        return measured.central - 5 * measured.sigma, measured.central + 5 * measured.sigma

    def warm(self, say: Callable[[str], None] = lambda line: None) -> None:
        """Everything that the first view needs."""
        self.answer(Question(pairs=tuple(self.describe()["pairs"])))
        say("draw from the prior")
        self.prior()
