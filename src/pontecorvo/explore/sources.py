"""Where the draws on the page come from: a network's, carried; or a finished run's, reweighted.

Each source answers at once with draws that it has, by their exact weights, and may be asked to draw
more, or anew for a measurement that is far from where it drew.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.seeds import stream
from ..core.draws import Draws
from ..core.measurement import GaussianMeasurement
from ..core.problem import Problem
from ..core.target import LikelihoodTarget
from ..sbi.amortised import Proposals, check_range, conditioned_chart, propose
from ..sbi.carried import Carried
from ..study.amortised_network import (
    is_lifted,
    load_network,
    network_card,
    network_options,
    network_sampler,
)
from ..study.finished_run import FinishedRun
from ..study.posterior_file import parameters_of
from ..study.prior_dependence import SMALLEST_ESS
from ..study.reweight import refuse_unusable, reweight_run

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow

BLOCK = 128
"""Network draws made between two looks at whether someone waits: 0.2 to 0.3 s on one core."""
FALL = 0.7
"""Share of its effective draws at which a carried pool is drawn anew."""
Stop = Callable[[], bool]


class Source(Protocol):
    """Draws of any measurement of one problem."""

    def answer(self, target: LikelihoodTarget) -> tuple[Draws, str]:
        """Weighted draws at once, and in a few words what they are.

        Raises:
            InputError: If the measurement is out of range.
        """

    def better(self, target: LikelihoodTarget) -> bool:
        """Whether drawing would improve the answer."""

    def improve(self, target: LikelihoodTarget, stop: Stop) -> None:
        """Draw until the answer is as good as it gets, or `stop` says that someone waits."""


class _Pool:
    """Draws of a network at one measurement, growing block by block."""

    def __init__(self, target: LikelihoodTarget, seed: int) -> None:
        self.target, self.seed = target, seed
        self.parts: list[Proposals] = []
        self.carried: Carried | None = None
        self.efficiency = float("nan")

    def __len__(self) -> int:
        return 0 if self.carried is None else len(self.carried)


class NetworkSource:
    """A problem's amortised network.

    Args:
        problem: The problem; its network is loaded.
        draws: Draws in a full answer.
        seed: Seed of everything.

    Raises:
        InputError: If the problem has no network, or one of another model.
    """

    def __init__(self, problem: Problem, draws: int, seed: int) -> None:
        self.problem, self.wanted, self.seed = problem, draws, seed
        self.flow: ConditionalFlow = load_network(problem)
        self.options = network_options(problem)
        home = problem.target
        check_range(self.flow, conditioned_chart(home))
        self.home = _Pool(home, seed)
        self.away: _Pool | None = None
        self._last: tuple[object, tuple[Draws, str]] | None = None

    def draw(self, pool: _Pool, stop: Stop) -> None:
        """Let a pool grow to its full size, in blocks that each have a stream of their own."""
        chart = conditioned_chart(pool.target)
        while len(pool) < self.wanted and not stop():
            index = len(pool.parts)
            size = min(BLOCK, self.wanted - len(pool))
            own = int(stream(pool.seed, "explorer", index).integers(2**63))
            check = 64 if index == 0 else 0  # the density's errors are the same in every block
            pool.parts.append(
                propose(self.flow, pool.target, chart, size, own, self.options, check=check)
            )
            pool.carried = Carried.of(pool.parts, chart.conditions)
        if pool.carried is not None:
            found = pool.carried.draws(pool.target, pool.seed)
            pool.efficiency = found.ess / len(pool)

    def answer(self, target: LikelihoodTarget) -> tuple[Draws, str]:
        """The pool that has most effective draws there."""
        check_range(self.flow, conditioned_chart(target))
        state = target, len(self.home), self.away, 0 if self.away is None else len(self.away)
        if self._last is not None and self._last[0] == state:
            return self._last[1]  # the page asks for an answer, then whether it can be better
        best: tuple[Draws, str] | None = None
        for pool in (self.away, self.home):
            if pool is None or pool.carried is None:
                continue
            if pool is self.home and best is not None and self._near(self.away, target):
                continue
            found = pool.carried.draws(target, self.seed)
            if best is None or found.ess > best[0].ess:
                same = _same(target, pool.target)
                best = found, "drawn here" if same else "carried from near by"
        if best is None:
            raise InputError("network: nothing is drawn yet; ask again in a moment")
        self._last = state, best
        return best

    def _near(self, pool: _Pool | None, target: LikelihoodTarget) -> bool:
        return pool is not None and len(pool) >= self.wanted and _same(target, pool.target)

    def better(self, target: LikelihoodTarget) -> bool:
        """If the pool is not full, or has lost effective draws on the way here."""
        if len(self.home) < self.wanted:
            return True
        draws, _ = self.answer(target)
        expected = self.home.efficiency * self.wanted
        if _same(target, self.home.target) or self._near(self.away, target):
            return False
        return bool(draws.ess < FALL * expected)

    def improve(self, target: LikelihoodTarget, stop: Stop) -> None:
        """Fill the home pool first, then one at this measurement."""
        if len(self.home) < self.wanted:
            self.draw(self.home, stop)
            if stop() or not self.better(target):
                return
        if self.away is None or not _same(target, self.away.target):
            self.away = _Pool(target, self.seed + 1)
        self.draw(self.away, stop)


class LiftedSource:
    """A network for the lift: drawn anew for each measurement, reweighted until it has been.

    Args: as of `NetworkSource`.
    """

    def __init__(self, problem: Problem, draws: int, seed: int) -> None:
        self.problem, self.wanted, self.seed = problem, draws, seed
        self.sampler = network_sampler(problem)
        self.pool: tuple[LikelihoodTarget, Draws] | None = None

    def answer(self, target: LikelihoodTarget) -> tuple[Draws, str]:
        """The last pool by its density; refused where it has no draws to speak of."""
        if self.pool is None:
            self.improve(target, lambda: False)
        assert self.pool is not None
        if _same(target, self.pool[0]):
            return self.pool[1], "drawn here"
        try:
            found = reweighted(self.pool[1], target)
            enough = found.ess >= SMALLEST_ESS
        except InputError:
            enough = False
        if enough:
            return found, "reweighted"
        self.improve(target, lambda: False)  # too far: the network is asked, which takes longer
        return self.pool[1], "drawn here"

    def better(self, target: LikelihoodTarget) -> bool:
        """Unless the pool was drawn here."""
        return self.pool is None or not _same(target, self.pool[0])

    def improve(self, target: LikelihoodTarget, stop: Stop) -> None:
        """Draw here."""
        if not stop():
            self.pool = target, self.sampler(target, self.wanted, self.seed, None)


class RunSource:
    """The draws of a finished run; other measurements by reweighting them.

    Args:
        run: The run.
        problem: Its problem.
    """

    def __init__(self, run: FinishedRun, problem: Problem) -> None:
        self.run, self.problem = run, problem
        self.theta = parameters_of(problem.target.model, run.groups)

    def draws(self) -> Draws:
        """The run's own, as it wrote them."""
        summary, stats = self.run.summary, self.run.groups["sample_stats"]

        def number(key: str) -> float:
            value = summary.get(key)
            return float(value) if isinstance(value, (int, float)) else float("nan")

        prior = stats["log_prior"].values.ravel() if "log_prior" in stats else np.nan
        return Draws(
            theta=self.theta,
            log_weight=self.run.log_weight,
            log_prior=np.broadcast_to(np.asarray(prior, dtype=float), self.run.log_weight.shape),
            log_likelihood=self.run.log_likelihood,
            log_evidence=number("log_evidence"),
            log_evidence_error=number("log_evidence_error"),
            raw_acceptance=number("raw_acceptance"),
            ess=number("ess"),
            converged=bool(summary.get("converged", False)),
            method=str(summary.get("method", "run")),
            notes=_run_notes(self.run),
        )

    def answer(self, target: LikelihoodTarget) -> tuple[Draws, str]:
        """The run as it is, or reweighted; refused where too few draws carry the answer."""
        draws = self.draws()
        if _same(target, self.problem.target):
            return draws, "the run's own draws"
        measurement: Any = target.measurement
        changed = reweight_run(self.run, measurement)
        refuse_unusable(changed)
        found = replace(
            draws,
            log_weight=changed.weights.log_weight,
            log_likelihood=changed.log_likelihood,
            log_evidence=changed.log_evidence,
            log_evidence_error=changed.log_evidence_error,
            ess=changed.ess,
            notes=draws.notes | {"k_hat": changed.weights.k_hat},
        )
        return found, "the run's draws, reweighted"

    def better(self, target: LikelihoodTarget) -> bool:
        """Never: there is no network to ask."""
        return False

    def improve(self, target: LikelihoodTarget, stop: Stop) -> None:
        """Nothing to draw with."""


class RunWithNetwork(RunSource):
    """A finished run where its study's own measurement is asked for, its network elsewhere."""

    def __init__(self, run: FinishedRun, problem: Problem, network: Source) -> None:
        super().__init__(run, problem)
        self.network = network

    def _here(self, target: LikelihoodTarget) -> bool:
        return _same(target, self.problem.target)

    def answer(self, target: LikelihoodTarget) -> tuple[Draws, str]:
        """The run's draws, or the network's."""
        return super().answer(target) if self._here(target) else self.network.answer(target)

    def better(self, target: LikelihoodTarget) -> bool:
        """What the network says, away from the run."""
        return not self._here(target) and self.network.better(target)

    def improve(self, target: LikelihoodTarget, stop: Stop) -> None:
        """Draw with the network."""
        self.network.improve(target, stop)


def network_source(problem: Problem, draws: int, seed: int) -> Source:
    """The source for a problem's network, of either kind.

    Raises:
        InputError: If there is none.
    """
    card: Path = network_card(problem)
    kind: Any = LiftedSource if is_lifted(card) else NetworkSource
    found: Source = kind(problem, draws, seed)
    return found


def reweighted(draws: Draws, target: LikelihoodTarget) -> Draws:
    """Draws of known density under another measurement."""
    if draws.log_q is None:
        raise InputError("reweighting: these draws have no density")
    log_likelihood = target.log_likelihood(draws.theta)
    log_weight = draws.log_prior + log_likelihood - draws.log_q
    if not np.isfinite(log_weight).any():
        raise InputError("network: none of its draws has any likelihood there")
    with np.errstate(over="ignore"):  # a tail too heavy to be smoothed: k-hat says so
        _, k_hat = iw.psis(log_weight)
    log_z, error = iw.log_evidence(log_weight)
    return replace(
        draws,
        log_weight=log_weight - log_weight.max(),
        log_likelihood=log_likelihood,
        log_evidence=log_z,
        log_evidence_error=error,
        ess=iw.kish_ess(log_weight),
        notes=draws.notes | {"k_hat": k_hat},
    )


def _run_notes(run: FinishedRun) -> dict[str, Any]:
    found = run.summary.get("method_notes")
    notes = dict(found) if isinstance(found, dict) else {}
    if not isinstance(notes.get("k_hat"), (int, float)):
        equal = bool(np.ptp(run.log_weight) == 0)
        notes["k_hat"] = float("nan") if equal else iw.psis(run.log_weight)[1]
    return notes


def _same(first: LikelihoodTarget, second: LikelihoodTarget) -> bool:
    if first is second:
        return True
    one, two = first.measurement, second.measurement
    if isinstance(one, GaussianMeasurement) and isinstance(two, GaussianMeasurement):
        return one.describe() == two.describe()
    return False
