"""Forecasts of the library, for the explorer."""

import pytest

from pontecorvo.problems.flavour.forecasts import forecasts, measured_delta


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_only_what_can_be_measured(ordering):
    found = forecasts(ordering, ["sin2_theta23"])
    assert [forecast.title for forecast in found] == ["Hyper-Kamiokande ten years"]
    assert found[0].errors == {"sin2_theta23": (0.009, 0.009)}
    assert "arXiv:1805.04163" in found[0].source
    assert forecasts(ordering, ["m_ee"]) == []


def test_delta():
    assert measured_delta("no").central != measured_delta("io").central
