"""Every figure as a function that returns a matplotlib `Figure`, for notebooks and papers.

::

    from pontecorvo.problems.seesaw import figures

    result = pontecorvo.load_study("seesaw-no").run("runs/no")
    sample = figures.seesaw_sample(result.study.target, result.groups)
    figures.m_ee_figure(sample).savefig("m_ee.pdf")
"""

from ...report.corner import corner_figure
from ...report.posterior_sample import Sample
from .report.cp_figures import delta_figure, phases_figure
from .report.heavy_figures import heavy_masses_figure
from .report.mass_figures import m_ee_figure
from .report.seesaw_sample import seesaw_sample
from .report.yukawa_figures import yukawa_figure

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
