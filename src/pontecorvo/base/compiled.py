"""numba's compiler, whose cache on disk is done without where it cannot be written or read.

A read-only installation, no home, no entry in the password file, a full disk: then the kernels are
compiled anew in each process, and one line says so.
"""

import sys
from collections.abc import Callable
from typing import Any

import numba

_told = False


def njit(*given: Any, **options: Any) -> Any:
    """`numba.njit`; with ``cache=True`` the cache is used if there is a place for it."""
    if given and callable(given[0]):
        return _compiled(given[0], (), options)
    return lambda function: _compiled(function, given, options)


def _compiled(function: Callable[..., Any], given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    try:
        made = numba.njit(*given, **options)(function)
    except RuntimeError as error:  # "no locator available"
        if not options.get("cache") or "cache" not in str(error):
            raise
        _tell(error)
        return numba.njit(*given, **{**options, "cache": False})(function)
    if options.get("cache"):
        _guard(made)
    return made


def _guard(dispatcher: Any) -> None:
    """Let no fault of the cache's files end a run; numba's own cache object is wrapped."""
    cache = getattr(dispatcher, "_cache", None)
    if cache is None or not hasattr(cache, "save_overload"):
        return
    save, load = cache.save_overload, cache.load_overload

    def save_overload(*arguments: Any) -> None:
        try:
            save(*arguments)
        except OSError as error:
            _tell(error)

    def load_overload(*arguments: Any) -> Any:
        try:
            return load(*arguments)
        except Exception as error:  # a file that was cut, or is another user's: compile anew
            _tell(error)
            return None

    cache.save_overload, cache.load_overload = save_overload, load_overload


def _tell(error: Exception) -> None:
    global _told
    if not _told and sys.stderr is not None:
        _told = True
        reason = getattr(error, "strerror", None) or "no folder can be written"
        print(
            f"pontecorvo: compiled code is not kept ({reason}); NUMBA_CACHE_DIR may name a folder",
            file=sys.stderr,
        )
