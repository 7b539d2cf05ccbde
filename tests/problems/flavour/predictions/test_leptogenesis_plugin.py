"""The plug-in's quantities belong together."""

import numpy as np
from ulysses_cards import VEV, point

from pontecorvo.problems.flavour.predictions.leptogenesis_plugin import (
    Leptogenesis,
    LeptogenesisSettings,
)


def test_card_through_the_plugin():
    y, m = point("1N1F")
    values = Leptogenesis().evaluate(y, m, VEV)
    # a start long before z = 0.1, where the oracle begins: 6.0975 in place of 6.0970
    np.testing.assert_allclose(values["eta_B"], 6.0975e-10, rtol=2e-5)
    np.testing.assert_allclose(values["eps_1"], 4.155228e-07, rtol=1e-6)
    assert values["flavours"][0] == 1
    assert values["K_1"][0] > 1
    assert abs(values["eps_1"][0]) < values["eps_1_bound"][0] * 1.2


def test_settings_reach_the_equations():
    y, m = point("1N1F")
    few, more, washed = (
        Leptogenesis(LeptogenesisSettings(**s)).evaluate(y, m, VEV)["eta_B"][0]
        for s in ({}, {"decaying": 0}, {"delta_l2": True})
    )
    assert few != more
    assert 0.3 * few < washed < 0.6 * few  # M_1 = 1e14 GeV: not small
