"""Every figure as a function that returns a matplotlib `Figure`, for notebooks and papers.

>>> from pontecorvo.report import figures  # doctest: +SKIP
>>> draws = figures.seesaw_sample(target, groups)  # doctest: +SKIP
>>> figures.m_ee_figure(draws).savefig("m_ee.pdf")  # doctest: +SKIP
"""

from .corner import corner_figure
from .sample import Sample
from .seesaw_cp import delta_figure, phases_figure
from .seesaw_heavy import heavy_masses_figure
from .seesaw_masses import m_ee_figure
from .seesaw_sample import seesaw_sample
from .seesaw_yukawas import yukawa_figure

__all__ = [
    "Sample",
    "corner_figure",
    "delta_figure",
    "heavy_masses_figure",
    "m_ee_figure",
    "phases_figure",
    "seesaw_sample",
    "yukawa_figure",
]
