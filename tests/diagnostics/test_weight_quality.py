import numpy as np

from pontecorvo.diagnostics.weight_quality import check_weights


def test_light_weights_pass_and_heavy_ones_fail() -> None:
    x = np.random.default_rng(1).normal(size=(20_000, 3))
    light = check_weights(0.1 * x[:, 0])
    assert light.passed
    assert light.statistic_name == "k-hat"
    heavy = check_weights(np.sum(0.45 * x**2, axis=1))  # k = 0.9
    assert not heavy.passed
    assert "too heavy" in heavy.line
    assert heavy.describe()["passed"] is False


def test_efficiency_may_be_asked_for() -> None:
    log_w = 1.0 * np.random.default_rng(2).normal(size=5000)
    assert check_weights(log_w, 0.3).passed
    refused = check_weights(log_w, 0.6)
    assert not refused.passed
    assert "below the 0.6" in refused.line
    assert refused.arrays["sorted_weights"][0] == refused.values["largest_weight"]
