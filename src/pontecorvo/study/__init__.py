"""A study reads top to bottom like a method section: simulate, draw, check, predict, report.

`load_study` by name or file, `Study.run` for a `Result`; `train_study` and `schema_of` are the
verbs of the same names; `sample_what_if` asks a network about a measurement that is not made yet,
`reweight_run` takes a finished run to other data or another prior.
"""

from ..base.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
