"""Lines for figures: every one belongs to a quantity and has a source."""

from pontecorvo.problems.flavour.predictions.limits import ETA_B, LFV


def test_limits_of_the_sheet():
    """predictions.md, "Limits and reach"."""
    values = {(x.quantity, x.kind): x.value for x in LFV if "final" not in x.experiment}
    assert values["BR_mu_e_gamma", "limit"] == 1.5e-13
    assert values["BR_mu_eee", "limit"] == 1e-12
    assert values["BR_mu_eee", "reach"] == 2e-15
    assert values["CR_mu_e_Au", "limit"] == 7e-13
    assert {x.value for x in LFV if x.quantity == "CR_mu_e_Al"} == {7e-15, 8e-17}
    assert {x.value for x in ETA_B} == {6.1e-10}
    for line in (*LFV, *ETA_B):
        assert line.source
        assert (line.level is None) == (line.kind == "measured")
