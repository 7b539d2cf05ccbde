"""The shipped problems, one folder or file each: the only place that knows a particular model."""

from pathlib import Path
from typing import TYPE_CHECKING

BIBLIOGRAPHY = Path(__file__).with_name("bibliography.bib")
"""BibTeX entries of the data and papers that the problems use."""

if TYPE_CHECKING:
    from .flavour.nufit import nufit
    from .founding_paper.problem import FoundingPaperProblem
    from .oscillation.problem import JunoProblem
    from .seesaw.model import Seesaw, SeesawPrior
    from .seesaw.problem import SeesawProblem
    from .sterile.problem import SterileProblem
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "flavour.nufit": ("nufit",),
            "founding_paper.problem": ("FoundingPaperProblem",),
            "oscillation.problem": ("JunoProblem",),
            "seesaw.model": (
                "Seesaw",
                "SeesawPrior",
            ),
            "seesaw.problem": ("SeesawProblem",),
            "sterile.problem": ("SterileProblem",),
        },
    )

__all__ = [
    "BIBLIOGRAPHY",
    "FoundingPaperProblem",
    "JunoProblem",
    "Seesaw",
    "SeesawPrior",
    "SeesawProblem",
    "SterileProblem",
    "nufit",
]
