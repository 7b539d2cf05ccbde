"""NumPy's error state: a user's `numpy.seterr` changes no result and ends no run."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

Given = ParamSpec("Given")
Result = TypeVar("Result")


def own_float_errors(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Run a function under NumPy's defaults: underflow ignored, all else a warning.

    What the caller has set is in force again afterwards, whatever happens.
    """

    @functools.wraps(function)
    def guarded(*arguments: Given.args, **options: Given.kwargs) -> Result:
        with np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"):
            return function(*arguments, **options)

    return guarded
