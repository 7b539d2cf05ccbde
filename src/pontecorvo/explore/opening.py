"""What is to be explored: a study, a finished run, or a model's file; all of it in one explorer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..base.errors import InputError, check_whole
from ..core.problem import Problem
from ..core.registry import DEFAULT, PROBLEMS, problem_names, registered
from ..core.settings import ModelSettings
from ..study.amortised_network import network_card, network_standing
from ..study.catalog import load_problem
from ..study.finished_run import open_run
from .explorer import Explorer
from .plane_explorer import PlaneExplorer
from .sources import NetworkSource, RunSource, RunWithNetwork, Source, network_source

Say = Callable[[str], None]


def open_explorer(
    name: str,
    network: str | None = None,
    draws: int = 4000,
    seed: int = 0,
    say: Say = lambda _: None,
) -> Explorer | PlaneExplorer:
    """An explorer of what was named, ready to answer.

    Args:
        name: A study, its YAML file, a model's file, or the folder of a finished run.
        network: Card of a network; None: the settings' own, or the one that ships.
        draws: Draws of a network's full answer.
        seed: Seed of everything.
        say: Told a line of what is being done.

    Raises:
        InputError: If it is none of these, or nothing can answer for it.
    """
    check_whole(draws=(draws, 200), seed=(seed, 0))
    folder = Path(name)
    is_run = folder.is_dir()
    if is_run:
        run = open_run(folder)
        problem = load_problem(str(folder / "settings.yaml"), _network(network))
    else:
        problem = load_problem(name)
        if network is not None:
            problem = load_problem(name, _checked_network(problem, network))
    board = problem.explore().switchboard
    if board is not None:
        found = PlaneExplorer(problem, board, name)
        say("work out every experiment on the plane")
        found.warm()
        return found
    source, reason = _source(problem, draws, seed, say)
    if is_run:
        if source is None:
            answers: Source = RunSource(run, problem)
            about = f"the draws of {folder.name}, reweighted where the measurement is moved"
        else:
            answers = RunWithNetwork(run, problem, source)
            about = f"the draws of {folder.name}; its network where the measurement is moved"
    elif source is None:
        assert reason is not None
        raise InputError(f"{reason}; or explore the folder of a finished run")
    else:
        answers, about = source, f"network {network_card(problem).stem}, with exact weights"
    standing = None if source is None else network_standing(problem)[0]
    flow = getattr(source, "flow", None)
    ranges = {} if flow is None else dict(flow.conditions.range)
    explorer = Explorer(problem, answers, name, about, standing, ranges, seed)
    explorer.warm(say)
    return explorer


def default_study() -> str:
    """The study that is explored where none is named: what a study file without ``study:`` means.

    Raises:
        InputError: If no package registers one.
    """
    known = registered(PROBLEMS)
    if DEFAULT in known:
        for name in problem_names():
            if known[name].value == known[DEFAULT].value:
                return name
    raise InputError("explore: name a study, a model's file or a run's folder")


def _network(card: str | None) -> dict[str, Any]:
    return {} if card is None else {"network": {"file": card}}


def _checked_network(problem: Problem, card: str) -> dict[str, Any]:
    if not isinstance(problem.settings, ModelSettings):
        raise InputError(f"--network: {problem.name} takes no network of this kind")
    return _network(card)


def _source(
    problem: Problem, draws: int, seed: int, say: Say
) -> tuple[Source | None, InputError | None]:
    """The network's source with its first draws, or why there is none."""
    chosen = getattr(getattr(problem.settings, "network", None), "file", None)
    try:
        network_card(problem)
    except InputError as error:
        if chosen:
            raise
        return None, error
    try:
        source = network_source(problem, draws, seed)
    except InputError as error:
        if chosen:
            raise
        return None, error
    say("draw from the network")
    if isinstance(source, NetworkSource):
        source.draw(source.home, lambda: len(source.home) >= min(draws, FIRST))
    else:
        source.improve(problem.target, lambda: False)
    return source, None


FIRST = 1024
"""Network draws made before the page opens; the rest follow behind it."""
