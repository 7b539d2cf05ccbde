"""SNPE-C on the sterile plane, which benchmarks compare with the shipped networks."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.plane import Axis, Plane
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps
from pontecorvo.problems.sterile.neural.simulated import HIGH, LOW, fit_embedding, make_bank
from pontecorvo.sbi.snpe_c import SnpeSettings

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # a program's own module

from plane_snpe import PlaneSnpe

HAVE_SBI = importlib.util.find_spec("sbi") is not None


@pytest.fixture(scope="module")
def small_embedding():
    plane = Plane(
        Axis("log10_s22", np.linspace(-4, 0, 9)), Axis("log10_dm2", np.linspace(-2, 2, 9))
    )
    return fit_embedding(
        RatioMaps(load_experiments("gallium"), plane), 2048, seed=1, components=(6, 3)
    )


@pytest.mark.skipif(HAVE_SBI, reason="sbi is installed")
def test_without_sbi_one_sentence_says_how_to_get_it(small_embedding):
    with pytest.raises(InputError, match=r"pip install 'pontecorvo\[sbi\]'"):
        PlaneSnpe(small_embedding)


@pytest.mark.crosscheck
@pytest.mark.filterwarnings("ignore")
def test_amortised_and_in_rounds(small_embedding):
    pytest.importorskip("sbi")
    quick = SnpeSettings(epochs=3, hidden=32, transforms=2)
    data = small_embedding.maps.joint.data
    bank = make_bank(small_embedding, 1024, 2, subsets=False, show=False)
    once = PlaneSnpe(small_embedding, quick, 1)
    once.fit(bank)
    draws = once.draw(data, 300)
    assert (draws.points >= LOW).all()
    assert (draws.points <= HIGH).all()
    known = once.read(data)
    assert once.draw_read(known, 5).points.shape == (1, 5, 2)
    own = once.density_of(draws.points[:20], np.repeat(data[None], 20, axis=0))
    assert np.allclose(own, draws.log_density[:20], atol=0.1)  # shares by a thousand draws
    leak = draws.log_density - once.log_density(draws.points, known)
    assert np.ptp(leak) < 1e-2  # a constant: the share of the flow inside the prior
    best, density = once.best(known)
    assert ((best >= LOW) & (best <= HIGH)).all()
    assert np.isfinite(density)
    with pytest.raises(InputError, match="charted=False"):
        once.rounds(data, 512, 2)
    twice = PlaneSnpe(small_embedding, quick, 1, charted=False)
    twice.rounds(data, 512, 2)
    assert np.isfinite(twice.draw(data, 100).log_density).all()
