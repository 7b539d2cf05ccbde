"""A study reads top to bottom like a method section: simulate, draw, check, predict, report.

`load_study` by name or file, `Study.run` for a `Result`; `train_study` and `schema_of` are the
verbs of the same names; `sample_what_if` asks a network about a measurement that is not made yet,
`reweight_run` takes a finished run to other data or another prior.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalog import find_preset, load_problem, load_study
    from .check import Certificate, CheckSettings
    from .reweight import ReweightedRun, reweight_run
    from .schema import measurement_schema, schema_of
    from .study import Result, Study
    from .train import train_study
    from .what_if import WhatIf, sample_what_if
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "catalog": (
                "find_preset",
                "load_problem",
                "load_study",
            ),
            "check": (
                "Certificate",
                "CheckSettings",
            ),
            "reweight": (
                "ReweightedRun",
                "reweight_run",
            ),
            "schema": (
                "measurement_schema",
                "schema_of",
            ),
            "study": (
                "Result",
                "Study",
            ),
            "train": ("train_study",),
            "what_if": (
                "WhatIf",
                "sample_what_if",
            ),
        },
    )

__all__ = [
    "Certificate",
    "CheckSettings",
    "Result",
    "ReweightedRun",
    "Study",
    "WhatIf",
    "find_preset",
    "load_problem",
    "load_study",
    "measurement_schema",
    "reweight_run",
    "sample_what_if",
    "schema_of",
    "train_study",
]
