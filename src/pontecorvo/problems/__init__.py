"""The shipped problems, one folder or file each: the only place that knows a particular model."""

from pathlib import Path

from ..base.lazy_names import lazy_names

BIBLIOGRAPHY = Path(__file__).with_name("bibliography.bib")
"""BibTeX entries of the data and papers that the problems use."""

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
