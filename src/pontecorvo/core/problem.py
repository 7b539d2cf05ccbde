"""The problem protocol: all that generic code asks of an inference problem.

A problem is a class; an instance of it has every setting of one study in force. Study, report,
command line, training and checks ask the instance and know no problem by its name. A method that
is left out does what is right for a model and a measurement, so that a user's file needs neither
more than these two nor another code path than the problems that ship.

Problems are registered by entry points (`core.registry`) or come as a file (`core.model_file`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..base.errors import InputError
from .draws import Draws
from .exploration import Exploration
from .measurement import GaussianMeasurement, Measured
from .quantity import Quantity
from .settings import StudySettings
from .target import LikelihoodTarget, Target

Sampler = Callable[[LikelihoodTarget, int, int, Path | None], Draws]
"""``sampler(target, draws, seed, folder)``; it keeps its finished blocks in the folder."""
Timed = Callable[[str, Callable[[], Any]], Any]
"""``timed(stage, work)`` does the work, notes its seconds under the stage, returns its result."""
LogRatio = Callable[[np.ndarray, Mapping[str, np.ndarray]], np.ndarray]
"""Another prior: parameters (N, P) and predictions, (N,) each by name, to the log of its density
over the run's own (N,), up to a constant; -inf where the other prior is zero."""


@dataclass(frozen=True)
class Option:
    """An option that a problem adds to a verb of the command line.

    Attributes:
        name: ``--name``; for `run`, the setting that it changes.
        help: One line.
        flag: Takes no value.
        multiple: May be given several times.
        path: A path, relative to the current folder.
    """

    name: str
    help: str
    flag: bool = False
    multiple: bool = False
    path: bool = False


@dataclass(frozen=True)
class Checked:
    """What a certificate ranks at each draw.

    Attributes:
        values: Quantities (N, Q).
        names: Their names.
        periodic: Which (Q,) are angles in rad.
    """

    values: np.ndarray
    names: tuple[str, ...]
    periodic: np.ndarray


@dataclass(frozen=True)
class TrainRequest:
    """What `pontecorvo train` was asked for.

    Attributes:
        out: The network: a card, or a folder where a problem has several.
        command: The command, for the card.
        work: Folder for simulations and checkpoints; None: beside `out`.
        overwrite: Replace what is there.
        seed: Seed, where given.
        extras: Values of the problem's own options, by name.
        say: Told a line of what is being done.
    """

    out: Path
    command: str
    work: Path | None = None
    overwrite: bool = False
    seed: int | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    say: Callable[[str], None] = lambda line: None


@dataclass(frozen=True)
class CheckRequest:
    """What `pontecorvo check` was asked for.

    Attributes:
        study: The study, as it was named.
        out: Folder of the certificate; ``.stages`` in it keeps blocks.
        simulations: Data sets with known truth.
        draws: Posterior draws for each.
        seed: Seed of everything.
        network: A network of the user's own, or None.
        extras: Values of the problem's own options, by name.
    """

    study: str
    out: Path
    simulations: int
    draws: int
    seed: int
    network: Path | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunView:
    """A finished run, as a report or a check sees it.

    Attributes:
        out: Its folder.
        groups: xarray datasets ``posterior``, ``sample_stats`` and ``predictions``.
        summary: Content of summary.json so far.
        reference: Groups of another posterior of the same target, to be shown beneath.
        reference_name: What to call it.
        extra: Sections that the problem's `follow` gave.
    """

    out: Path
    groups: dict[str, Any]
    summary: dict[str, Any]
    reference: dict[str, Any] | None = None
    reference_name: str = "reference"
    extra: Sequence[Any] = ()


@dataclass(frozen=True)
class Reference:
    """Another sampler of the same posterior, for the report to compare with.

    Attributes:
        name: What to call it.
        sampler: The sampler.
        draws: Number of its draws.
    """

    name: str
    sampler: Sampler
    draws: int


class Problem:
    """A model, its measurement, and what belongs to them, with every setting in force.

    Subclass it, say `kind`, `Settings` and `build_target`, and override what the model knows
    better than the defaults.

    Args:
        settings: The study's settings, an instance of `Settings`.
        name: Name of the study, for titles; by default what `default_name` says.
    """

    kind: ClassVar[str]
    """What ``study:`` says in a YAML file."""
    Settings: ClassVar[type[StudySettings]] = StudySettings
    """Schema of the settings."""
    options: ClassVar[Mapping[str, Sequence[Option]]] = {}
    """Options of its own for the verbs ``run``, ``train`` and ``check``."""

    def __init__(self, settings: Any, name: str = "") -> None:
        self.settings = settings
        self.name = name or self.default_name()

    def default_name(self) -> str:
        """Name of the study where none is given."""
        return self.kind

    @property
    def title(self) -> str:
        """Title of a page, in words: by default the first line of the class's documentation."""
        line = (type(self).__doc__ or "").strip().partition("\n")[0].rstrip(".")
        return line if 0 < len(line) <= 100 else self.name

    # what is inferred

    def build_target(self) -> LikelihoodTarget:
        """The posterior that is wanted. Every problem says its own.

        Raises:
            InputError: If it does not.
        """
        raise InputError(f"{type(self).__name__}: has no build_target; give the Target there")

    @cached_property
    def target(self) -> LikelihoodTarget:
        """The same, built once."""
        return self.build_target()

    def measured(self, measurement: Any) -> LikelihoodTarget:
        """The posterior given another measurement of the same kind."""
        return Target(self.target.model, measurement)

    @property
    def measurement(self) -> GaussianMeasurement:
        """The measurement in force.

        Raises:
            InputError: If it is no set of measured quantities that could be changed.
        """
        found = self.target.measurement
        if not isinstance(found, GaussianMeasurement):
            raise InputError(
                f"{self.name}: its data are no central values with errors, so --set, --sigma and a "
                "network of its own are not for it"
            )
        return found

    def plain_settings(self) -> dict[str, Any]:
        """Every setting in force, as plain types: content of settings.yaml, which runs again."""
        return dict(self.settings.model_dump(mode="json"))

    # how it is drawn

    def samplers(self) -> Mapping[str, Sampler]:
        """Methods that only this problem has, by name."""
        return {}

    def default_method(self) -> str:
        """Method where the settings name none and no network serves."""
        return "exact" if self.target.chart is not self.target.raw_chart else "smc"

    # networks

    def shipped_network(self) -> Path | None:
        """Card of the network that ships for these settings, or None."""
        return None

    def feature_map(self) -> str:
        """Name of a registered feature map for the network; empty for none."""
        return ""

    def default_ranges(self) -> dict[str, tuple[float, float]]:
        """Range of each measured quantity in which a network is trained: ten sigma either way."""
        return {
            q.name: (q.central - 10 * q.minus, q.central + 10 * q.plus)
            for q in self.measurement.quantities
        }

    def training_target(self) -> LikelihoodTarget:
        """The broad posterior that a network learns from: the prior inside the ranges.

        Raises:
            InputError: If the settings give a range of something that is not measured.
        """
        ranges, own = self.default_ranges(), self.settings.training.ranges
        for name in own:
            if name not in ranges:
                raise InputError(
                    f"training.ranges: {name!r} is not measured; allowed: {', '.join(ranges)}"
                )
        quantities = []
        for name, (low, high) in {**ranges, **own}.items():
            spread = (high - low) / 6
            quantities.append(Measured(name, 0.5 * (low + high), spread, spread, low, high))
        return self.measured(GaussianMeasurement(quantities, "box", source="training range"))

    def checked(self, theta: np.ndarray) -> Checked:
        """What a certificate ranks at parameters (N, P): by default all that vary, ten at most."""
        model = self.target.model
        every = [*model.parameters, *model.prediction_quantities]
        predictions = model.predict(theta)
        columns = [theta[:, i] for i in range(len(model.parameters))]
        columns += [np.asarray(predictions[q.name]) for q in model.prediction_quantities]
        chosen = {q.name: (q, column) for q, column in zip(every, columns, strict=True)}
        chosen = dict(list(chosen.items())[:10])
        return Checked(
            np.stack([column for _, column in chosen.values()], axis=1),
            tuple(chosen),
            np.array([q.unit == "rad" for q, _ in chosen.values()]),
        )

    def train(self, request: TrainRequest) -> str | None:
        """Train networks of its own kind and say what came out; None: the amortised network."""
        return None

    def check_networks(self, request: CheckRequest) -> list[tuple[Path, Any]] | None:
        """Cards and checks of networks of its own kind; None: the amortised network."""
        return None

    def standing(self) -> list[Any] | None:
        """What is known of networks of its own kind that a run uses; None: it has none."""
        return None

    # what follows

    def citations(self) -> Sequence[str]:
        """Sources of the data: texts with arXiv numbers or DOIs, or BibTeX entries.

        By default the measurement's `source`.
        """
        source = getattr(self.target.measurement, "source", "")
        return [str(source)] if source else []

    @property
    def papers(self) -> Sequence[str]:
        """Papers of the model, in the same form: by default the `citations` of its class."""
        own = getattr(self.target.model, "citations", ())
        return [own] if isinstance(own, str) else [str(one) for one in own]

    def extra_predictions(self, draws: Draws) -> tuple[dict[str, np.ndarray], dict[str, Quantity]]:
        """Further predictions (N,) by name, and what they are, beside those of the model."""
        return {}, {}

    def check_run(self, run: RunView, seed: int) -> list[Any] | None:
        """Checks of a finished run beyond weights and closure; None: against exact draws.

        Raises:
            InputError: If there is nothing to check.
        """
        return None

    def other_priors(self) -> Mapping[str, LogRatio]:
        """Priors of the user's own under which the predictions are shown too."""
        return {}

    def prior_alternatives(self) -> Mapping[str, LogRatio]:
        """Priors under which the report shows the predictions beside the run's own."""
        return {}

    def prior_columns(self) -> tuple[str, ...]:
        """Predictions, and parameters, that are shown under these priors."""
        return ()

    def follow(self, out: Path, stages: Path, timed: Timed) -> list[Any]:
        """Do what a study does beyond its posterior; return sections for the report."""
        return []

    def report(self, run: RunView) -> bool:
        """Write a report of its own kind; False: the one of any model."""
        return False

    def explore(self) -> Exploration:
        """What the live explorer shows beside model and measurement."""
        return Exploration()


@dataclass(frozen=True)
class Preset:
    """A registered study: a problem, and the settings in which it differs from the defaults."""

    problem: type[Problem]
    settings: Mapping[str, Any] = field(default_factory=dict)
