"""Daya Bay, full release: eight detectors, three periods, 5.55 million candidates.

From the top of the method to the bottom: `release` (the numbers), `flux` (reactors),
`kinematics` (inverse beta decay), `response` (detectors), `prediction` (expected counts for any
parameters), `nuisances` (every systematic), `derivatives` (their effect), `statistic` and `fit`
(the three-flavour analysis), `experiment` (3+1, under the protocol of all sterile experiments).
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...declaration import Declaration, Option
from ...wave_packet_option import WAVE_PACKET

if TYPE_CHECKING:
    from ...experiment_registry import Setting
    from .experiment import DayaBay


def load(setting: "Setting") -> "DayaBay":
    """Make the experiment for a joint fit; see `experiment.DayaBay` for the options."""
    from .experiment import from_setting

    return from_setting(setting)


EXPERIMENTS = (
    Declaration(
        "dayabay",
        "Daya Bay",
        load,
        order=160,
        groups=("reactor-spectra", "reactors"),
        options={
            "wave_packet": WAVE_PACKET,
            "dayabay.statistic": Option(
                ("cnp", "pearson", "neyman"), "statistical variance of the chi2"
            ),
            "dayabay.theta13": Option(
                ("free", "fixed"), "sin^2 2theta13 and dm2_32 profiled or fixed"
            ),
            "dayabay.background": Option(
                ("absolute", "as-dayabay-model"),
                "uncertainties of three backgrounds in events a day, or times their rates",
            ),
        },
        present=lambda data: find_spec("dayabay_data_official") is not None,
        needs="the package dayabay-data-official (pip install 'pontecorvo[dayabay]')",
    ),
)
