"""What a study asks for: names, settings, and one answer for all plug-ins."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.predictions import plugins
from pontecorvo.problems.flavour.predictions.leptogenesis import eta_b
from pontecorvo.problems.flavour.predictions.plugin import FlavourDraws, Plugin


def _draws(n=6):
    rng = np.random.default_rng(1)
    y = 1e-2 * (rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3)))
    return FlavourDraws(y=y, m=10 ** rng.uniform(10, 13, (n, 3)))


def test_names_and_settings():
    asked = ["lfv", {"leptogenesis": {"equations": "unflavoured", "decaying": 0}}]
    values, quantities = plugins.predict(asked, _draws())
    assert set(values) == set(quantities)
    assert all(v.shape == (6,) and np.isfinite(v).all() for v in values.values())
    expected = eta_b(_draws().y, _draws().m, 174.1, "unflavoured", 3)
    np.testing.assert_allclose(values["eta_B"], expected)
    assert (values["abs_eta_B"] == np.abs(values["eta_B"])).all()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["lvf"], "did you mean 'lfv'"),
        (["lfv", "lfv"], "stands twice"),
        ([{"lfv": {}, "leptogenesis": {}}], "one name with its settings"),
        ([{"lfv": 3}], "settings as a mapping"),
        ([{"lfv": {"x": 3}}], "has no settings"),
        ([{"leptogenesis": {"equation": "auto"}}], "did you mean 'equations'"),
        ([{"lfv-susy": {"m_0": -1.0}}], "must be positive"),
    ],
)
def test_mistakes_are_one_sentence(asked, sentence):
    with pytest.raises(InputError, match=sentence):
        plugins.plugins_from(asked)


def test_every_plugin_says_what_it_gives():
    for name, kind in plugins.available().items():
        plugin = kind()
        values = plugin.checked(_draws())
        assert plugin.name == name
        assert list(values) == [q.name for q in plugin.quantities]
        assert {x.quantity for x in plugin.limits} <= set(values)


def test_registering(monkeypatch):
    monkeypatch.setattr(plugins, "_REGISTRY", dict(plugins._REGISTRY))

    class Other(Plugin):
        name = "lfv"

    class Mine(Plugin):
        name = "mine"

    with pytest.raises(InputError, match="registered already"):
        plugins.register(Other)
    assert plugins.register(Mine) is Mine
    assert "mine" in plugins.available()
