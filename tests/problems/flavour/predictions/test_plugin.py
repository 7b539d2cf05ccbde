"""The plug-in protocol: what draws have, what is needed, settings checked."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.model import Quantity
from pontecorvo.problems.flavour.predictions.plugin import FlavourDraws, Plugin, read_settings
from pontecorvo.problems.seesaw.formula import light_neutrinos


@dataclass(frozen=True)
class _Settings:
    scale: float = 1.0
    count: int = 2
    on: bool = False
    kind: Literal["a", "b"] = "a"


class _Largest(Plugin):
    name = "largest"
    title = "Largest Yukawa"
    needs = ("yukawas",)
    settings_type = _Settings

    @property
    def quantities(self):
        return (Quantity("y_max"),)

    def compute(self, draws):
        return {"y_max": self.settings.scale * np.abs(draws.yukawas[0]).max(axis=(1, 2))}


def _draws(n, heavy=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(n, 3, heavy)) + 1j * rng.normal(size=(n, 3, heavy))
    return y, 10 ** rng.uniform(10, 12, (n, heavy)) * np.exp(1j * rng.uniform(0, 6, (n, heavy)))


def test_a_users_plugin():
    y, m = _draws(4)
    plugin = _Largest(read_settings(_Largest, {"scale": 2}))
    np.testing.assert_allclose(plugin.evaluate(y, m)["y_max"], 2 * np.abs(y).max(axis=(1, 2)))
    assert plugin.describe()["settings"] == {"scale": 2, "count": 2, "on": False, "kind": "a"}
    with pytest.raises(InputError, match="needs Yukawas"):
        plugin.evaluate(u=np.eye(3)[None], masses=np.ones((1, 3)))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"scal": 1.0}, "did you mean 'scale'"),
        ({"scale": "x"}, "must be a number"),
        ({"count": 1.5}, "must be a whole number"),
        ({"count": True}, "must be a whole number"),
        ({"on": 1}, "must be true or false"),
        ({"kind": "c"}, "allowed: a, b"),
    ],
)
def test_settings_are_checked(given, sentence):
    with pytest.raises(InputError, match=sentence):
        read_settings(_Largest, given)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_mixing_is_the_seesaws(ordering):
    y, m = _draws(5)
    u, masses = FlavourDraws(y=y, m=m, ordering=ordering).mixing
    expected, mixing = light_neutrinos(y, m, ordering)
    np.testing.assert_allclose(masses, expected, rtol=1e-9)
    np.testing.assert_allclose(np.abs(u), np.abs(mixing), atol=1e-9)


@pytest.mark.parametrize("heavy", [1, 2, 5])
def test_mixing_of_other_numbers_of_heavy_neutrinos(heavy):
    y, m = _draws(5, heavy)
    u, masses = FlavourDraws(y=y, m=m).mixing
    light = 174.1**2 * 1e9 * (y / m[:, None, :]) @ np.swapaxes(y, 1, 2)
    back = u.conj() @ (masses[:, :, None] * np.swapaxes(u.conj(), 1, 2))
    np.testing.assert_allclose(back, light, atol=1e-9 * np.abs(light).max())


def test_no_draws():
    with pytest.raises(InputError, match="no draws"):
        len(FlavourDraws())
    with pytest.raises(InputError, match="no Yukawas"):
        _ = FlavourDraws().yukawas
    assert len(FlavourDraws(u=np.ones((7, 3, 3)))) == 7
