import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps


def exact(members, data, plane):
    joint = JointLikelihood(members)
    value = joint.marginal(*points_of(plane.points), data)
    return -0.5 * (value - joint.marginal(np.zeros(1), np.ones(1), data)[0])


@pytest.mark.parametrize("active", [("gallex", "best"), ("solar",), ("gallex", "sage", "best")])
def test_a_gaussian_map_is_the_marginal_likelihood_of_the_subset(small_maps, active):
    rng = np.random.default_rng(3)
    data = small_maps.joint.simulate(np.array([0.3]), np.array([1.0]), rng)
    members = [e for e in small_maps.joint.experiments if e.name in active]
    own = np.concatenate([data[0][small_maps.joint.slices[e.name]] for e in members])
    found = small_maps(data, active)[0]
    assert np.abs(found - exact(members, own, small_maps.plane)).max() < 1e-3


def test_a_poisson_map_is_close_near_its_top(small_maps):
    rng = np.random.default_rng(4)
    data = small_maps.joint.simulate(np.array([0.01]), np.array([1.0]), rng)
    members = [e for e in small_maps.joint.experiments if e.name in ("karmen", "lsnd")]
    own = np.concatenate([data[0][small_maps.joint.slices[e.name]] for e in members])
    wanted = exact(members, own, small_maps.plane)
    near = wanted > wanted.max() - 5
    assert np.abs(small_maps(data, ("karmen", "lsnd"))[0] - wanted)[near].max() < 1.0


def test_a_box_of_energy_scales_is_close_near_the_top(small_plane):
    (danss,) = load_experiments("danss")
    maps = RatioMaps([danss], small_plane)
    data = danss.data[None]
    wanted = exact([danss], danss.data, small_plane)
    near = wanted > wanted.max() - 5
    assert np.abs(maps(data, ["danss"])[0] - wanted)[near].max() < 0.6


def test_maps_of_independent_experiments_add_and_other_bins_are_not_seen(small_maps):
    rng = np.random.default_rng(5)
    data = small_maps.joint.simulate(np.full(3, 0.2), np.full(3, 2.0), rng)
    both = small_maps(data, ("solar", "best"))
    apart = small_maps(data, ("solar",)) + small_maps(data, ("best",))
    assert np.allclose(both, apart, atol=1e-4)
    other = data.copy()
    other[:, small_maps.joint.slices["karmen"]] += 7
    assert np.array_equal(both, small_maps(other, ("best", "solar")))


def test_bad_input(small_maps):
    with pytest.raises(InputError, match="did you mean 'best'"):
        small_maps(small_maps.joint.data, ["bset"])
    with pytest.raises(InputError, match="no experiment is switched on"):
        small_maps(small_maps.joint.data, [])
    with pytest.raises(InputError, match="the experiments have"):
        small_maps(np.zeros(3), ["best"])
