"""The seesaw's report: what goes on the page, in which order, and what is said of it."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from ....core.problem import RunView
from ....core.target import LikelihoodTarget
from ....report.corner import corner_figure
from ....report.first_screen import verdict_of
from ....report.generic import closing_sections, tile, warning_of
from ....report.how_made import display
from ....report.math_svg import paragraphs, user_text
from ....report.page import PageFigure, Section, write_page
from ....report.style import ORDERING_COLOUR
from .captions import captions
from .cp_figures import delta_figure, phases_figure
from .headline import headline
from .heavy_figures import heavy_masses_figure
from .mass_figures import m_ee_figure
from .seesaw_sample import LOG_LIGHTEST, lightest_mass, ordering_of, seesaw_sample
from .yukawa_figures import yukawa_figure

_CORNER = (
    "sin2_theta12",
    "sin2_theta13",
    "sin2_theta23",
    "dm2_21",
    "dm2_3l",
    "delta_cp",
    LOG_LIGHTEST,
    "m_ee",
)
_TILES = ("sum_m", "m_ee", "log10_M[1]", "log10_M[2]", "log10_M[3]")
_ORDERING = {"no": "normal ordering", "io": "inverted ordering"}


def write_seesaw(target: LikelihoodTarget, run: RunView) -> Path:
    """Write the page of a type-I seesaw."""
    out, groups, summary = run.out, run.groups, run.summary
    reference, reference_name = run.reference, run.reference_name
    sample = seesaw_sample(target, groups)
    beneath = None
    if reference is not None:
        beneath = seesaw_sample(target, reference, sample, reference_name)
    ordering = ordering_of(sample)
    colour = ORDERING_COLOUR[ordering]
    text = captions(sample, reference_name if beneath else "")
    corner = corner_figure(sample, _CORNER, beneath, colour)

    def figure(name: str, drawn: Any, alt: str) -> PageFigure:
        return PageFigure(name, drawn, text[name], alt)

    sections = [
        Section(
            "Absolute masses",
            figures=[
                figure(
                    "m_ee",
                    m_ee_figure(sample, beneath),
                    "m_ee against the lightest mass and against the sum of masses",
                )
            ],
        ),
        Section(
            "CP violation",
            figures=[
                figure(
                    "delta_cp",
                    delta_figure(sample, beneath),
                    "delta against sin^2 theta_23 and against the sum of masses",
                ),
                figure(
                    "phases",
                    phases_figure(sample, beneath),
                    "Majorana phases and the invariants J, I1 and I2",
                ),
            ],
        ),
        Section(
            "Heavy neutrinos and Yukawas",
            figures=[
                figure(
                    "heavy_masses",
                    heavy_masses_figure(sample, beneath),
                    "Masses of the three heavy neutrinos",
                ),
                figure(
                    "yukawas",
                    yukawa_figure(sample, beneath),
                    "Digits of hierarchy of the Yukawas, and the size of each of them",
                ),
            ],
        ),
        Section(
            "All together",
            figures=[figure("corner", corner, f"Corner plot of {', '.join(_CORNER)}")],
        ),
        *closing_sections(target, run, sample, _forward_map(target)),
    ]
    return write_page(
        out,
        f"Type-I seesaw, {_ORDERING[ordering]}",
        _subtitle(target),
        headline(sample),
        sections,
        [tile(sample[name], sample) for name in (lightest_mass(sample).name, *_TILES)],
        accent=colour,
        warning=warning_of(summary),
        verdict=verdict_of(target, groups, summary, sample),
    )


def _subtitle(target: LikelihoodTarget) -> str:
    settings = target.model.prior_settings  # type: ignore[attr-defined]
    source = getattr(target.measurement, "source", "") or "a measurement without a stated source"
    size = f"[−{settings.yukawa_max:g}, {settings.yukawa_max:g}]"
    if settings.yukawa == "log-uniform":
        size = f"[{settings.yukawa_min:g}, {settings.yukawa_max:g}], either sign"
    return (
        f"Posterior of {len(target.model.parameters)} parameters given {user_text(source)}; "
        f"Yukawas {settings.yukawa} in {size}, $\\log_{{10}}(M/\\mathrm{{GeV}})$ uniform in "
        f"[{settings.log10_M_min:g}, {settings.log10_M_max:g}]"
    )


def _forward_map(target: LikelihoodTarget) -> Markup:
    vev = target.model.vev  # type: ignore[attr-defined]
    return Markup("\n").join(
        [
            display(
                r"m_\nu = v^2\; Y\, M^{-1}\, Y^T, \qquad "
                r"U^T m_\nu\, U = \mathrm{diag}(m_1, m_2, m_3)"
            ),
            paragraphs(
                f"$M = \\mathrm{{diag}}(M_1, M_2, M_3)$ with $|M_1| < |M_2| < |M_3|$, $M_1$ and "
                "$M_2$ complex, $M_3$ real; charged leptons diagonal; "
                f"$v = {vev:g}$ GeV (174.1 is the project's assumption). $U$ in the PDG's "
                "convention. $m_{ee} = |\\Sigma_i\\, m_i U_{ei}^2|$, "
                "$m_\\beta^2 = \\Sigma_i\\, m_i^2 |U_{ei}|^2$, "
                "$J = \\mathrm{Im}(U_{e1} U_{\\mu 2} U_{e2}^* U_{\\mu 1}^*)$, "
                "$I_1 = \\mathrm{Im}(U_{e1}^* U_{e2})$, $I_2 = \\mathrm{Im}(U_{e1}^* U_{e3})$."
            ),
        ]
    )
