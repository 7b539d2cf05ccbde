"""Daya Bay, full release: eight detectors, three periods, 5.55 million candidates.

From the top of the method to the bottom: `release` (the numbers), `flux` (reactors),
`kinematics` (inverse beta decay), `response` (detectors), `prediction` (expected counts for any
parameters), `nuisances` (every systematic), `derivatives` (their effect), `statistic` and `fit`
(the three-flavour analysis), `experiment` (3+1, under the protocol of all sterile experiments).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...registry import Setting
    from .experiment import DayaBay


def load(setting: "Setting") -> "DayaBay":
    """Make the experiment for a joint fit; see `experiment.DayaBay` for the options."""
    from .experiment import from_setting

    return from_setting(setting)
