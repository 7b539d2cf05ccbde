"""Which run is it? The name under which stages are kept, so that no run takes another's draws."""

import hashlib
import inspect
from functools import partial
from typing import Any

from .. import __version__
from ..base.files import fingerprint, plain
from ..core.target import LikelihoodTarget


def run_fingerprint(settings: dict[str, Any], target: LikelihoodTarget, sampler: Any) -> str:
    """Short hash of version, settings, and the source of what the user wrote.

    A user's own model changes while it is being developed, and its settings need not tell; so the
    source of every class and function from outside this package counts too.
    """
    sources = [_source(type(part)) for part in (target.model, target.measurement)]
    sources.append(_source(_bare(sampler)))
    return fingerprint({"version": __version__, "settings": settings, "sources": sources})


def describe_sampler(sampler: Any) -> Any:
    """A sampler as plain types: its name, or its name and options where it is a `partial`."""
    if isinstance(sampler, partial):
        options = {name: _described(value) for name, value in sampler.keywords.items()}
        return {"function": describe_sampler(sampler.func), **options}
    return getattr(sampler, "__qualname__", type(sampler).__qualname__)


def _described(value: Any) -> Any:
    value = plain(value)
    simple = value is None or isinstance(value, (bool, int, float, str, list, dict))
    return value if simple else repr(value)


def _bare(sampler: Any) -> Any:
    while isinstance(sampler, partial):
        sampler = sampler.func
    return sampler


def _source(thing: Any) -> str:
    """Hash of the source of a class (with its parents) or function; empty for this package's."""
    text = ""
    for part in inspect.getmro(thing) if inspect.isclass(thing) else (thing,):
        module = getattr(part, "__module__", "") or ""
        if module.split(".")[0] in ("pontecorvo", "abc", "builtins", "typing"):
            continue
        try:
            text += inspect.getsource(part)
        except (OSError, TypeError):  # typed at a prompt, or compiled
            continue
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
