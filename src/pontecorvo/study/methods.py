"""Methods by name: from a problem's settings to a sampler of its target."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..base.errors import InputError, suggest
from ..core.chart import Chart
from ..core.draws import Draws
from ..core.problem import Problem, Sampler
from ..core.settings import SamplerSettings
from ..core.target import LikelihoodTarget
from .amortised_network import network_sampler, serves


def chosen_chart(target: LikelihoodTarget, settings: SamplerSettings) -> Chart:
    """The coordinates that the settings ask for."""
    if settings.coordinates == "lift":
        from ..core.target import Target
        from ..sbi.lift.lift import Lift
        from ..sbi.lift.lift_chart import LiftChart

        if not isinstance(target, Target):
            raise InputError("coordinates lift: need a measurement of the model's observables")
        return LiftChart(Lift(target))
    return target.raw_chart if settings.coordinates == "parameters" else target.chart


# each method is imported when it draws, so that a run opens no other's files


def _exact(
    settings: SamplerSettings, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..samplers.exact import sample_exact

    return sample_exact(
        target,
        draws,
        seed,
        folder,
        proposals=settings.proposals,
        max_steps=settings.max_steps,
        chart=chosen_chart(target, settings),
    )


def _smc(
    settings: SamplerSettings, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..samplers.smc import SMCSettings, sample_smc

    effort = SMCSettings(settings.runs, settings.particles, settings.max_sweeps)
    return sample_smc(target, draws, seed, folder, effort, chosen_chart(target, settings))


def _nautilus(
    settings: SamplerSettings, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..samplers.nautilus_adapter import sample_nautilus

    chart = chosen_chart(target, settings)
    return sample_nautilus(target, draws, seed, folder, live=settings.live, chart=chart)


def _emcee(
    settings: SamplerSettings, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..samplers.emcee_adapter import sample_emcee

    chart = chosen_chart(target, settings)
    return sample_emcee(target, draws, seed, folder, settings.walkers, settings.steps, chart=chart)


def _lift(
    settings: SamplerSettings, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..core.target import Target
    from ..sbi.lift.sampler import sample_lift

    if not isinstance(target, Target):
        raise InputError("method lift: needs a measurement of the model's observables")
    return sample_lift(target, draws, seed, folder)


def _rounds(
    settings: SamplerSettings, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..sbi import RoundSettings, TruncatedOptions, truncated_posterior

    effort = RoundSettings(rounds=settings.rounds, simulations=settings.simulations)
    options = TruncatedOptions(settings.flow, effort)
    return truncated_posterior(target, draws, seed, folder, options=options)


CLASSICAL: dict[str, Callable[..., Draws]] = {
    "exact": _exact,
    "smc": _smc,
    "lift": _lift,
    "nautilus": _nautilus,
    "emcee": _emcee,
    "rounds": _rounds,
}
"""Method name -> ``sample(effort settings, target, draws, seed, folder)``, for any target."""


def known_methods(problem: Problem) -> list[str]:
    """Names of the methods that a problem's settings may ask for."""
    known = list(problem.samplers())
    if hasattr(problem.settings, "sampler"):
        known += list(CLASSICAL)
    if hasattr(problem.settings, "training"):
        known.insert(0, "network")
    return known


def method_of(problem: Problem) -> str:
    """Name of the method that draws a problem: its settings' own, or the best that serves.

    Raises:
        InputError: If the settings name one that is unknown.
    """
    asked, known = problem.settings.method, known_methods(problem)
    if asked is None:
        if "network" in known and (_own_network(problem) or serves(problem)):
            return "network"
        return problem.default_method()
    if asked not in known:
        raise InputError(f"method {asked!r} is unknown; {suggest(asked, known)}")
    return str(asked)


def _own_network(problem: Problem) -> bool:
    return problem.settings.network.file is not None


def sampler_of(problem: Problem, method: str) -> Sampler:
    """The sampler of that name, with the effort that the problem's settings ask for.

    Where an effective size is asked for, it draws block by block until that is reached; at most a
    hundred times as many draws, or the settings' own number where that is more.
    """
    sampler, wanted = _plain_sampler(problem, method), problem.settings.ess
    if wanted is None:
        return sampler

    def sample(target: LikelihoodTarget, draws: int, seed: int, folder: Path | None) -> Draws:
        from ..sbi.adaptive_draws import draw_until

        def block(n: int, own: int) -> Draws:
            return sampler(target, n, own, None if folder is None else folder / f"{own}-{n}")

        first = max(min(int(wanted), 2000), 100)
        return draw_until(block, wanted, seed, first, max(int(100 * wanted), draws, first))

    return sample


def _plain_sampler(problem: Problem, method: str) -> Sampler:
    own = problem.samplers()
    if method in own:
        return own[method]
    if method == "network":
        return network_sampler(problem)
    return partial(CLASSICAL[method], problem.settings.sampler)
