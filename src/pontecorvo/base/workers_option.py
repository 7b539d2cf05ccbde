"""The option ``--workers`` of verbs whose work can be shared out."""

import functools
from collections.abc import Callable
from typing import Any

import click

HELP = (
    "Who works: a number of processes, tcp://HOST:PORT or a scheduler file (.json) of Dask, or a "
    "batch system's YAML file."
)


def workers_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--workers``; what it does is then done by them."""

    @click.option("--workers", metavar="N|ADDRESS|FILE", help=HELP)
    @functools.wraps(command)
    def inside(*args: Any, workers: str | None = None, **named: Any) -> Any:
        from .workers import use_workers

        with use_workers(workers):
            return command(*args, **named)

    return inside
