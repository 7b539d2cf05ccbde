import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.neural import ratio as module
from pontecorvo.problems.sterile.neural.embedding import cell_weights
from pontecorvo.problems.sterile.neural.plane_chart import HEIGHT
from pontecorvo.problems.sterile.neural.ratio import RatioEstimator, RatioSettings, load_ratios
from pontecorvo.problems.sterile.neural.ratio_bank import make_ratio_bank
from pontecorvo.problems.sterile.neural.simulated import simulate
from pontecorvo.sbi import small_training

QUICK = RatioSettings(width=32, features=8, frequencies=(3, 2), steps=300, batch=128)


@pytest.fixture(scope="module")
def bank(small_embedding):
    return make_ratio_bank(small_embedding, 2048, 3, strangers=4, show=False)


@pytest.fixture(scope="module", params=["nre", "dnre"])
def trained(request, small_embedding, bank):
    estimator = RatioEstimator(small_embedding, request.param, QUICK)
    losses = estimator.fit(bank)
    assert np.isfinite(losses).all()
    return estimator


def reading(embedding, count, seed):
    theta, data = simulate(embedding.maps, count, np.random.default_rng(seed))
    return theta, data, embedding(data, embedding.maps.names)


@pytest.mark.parametrize("kind", ["nre", "dnre"])
def test_untrained_is_the_closed_form_map(kind, small_embedding):
    estimator = RatioEstimator(small_embedding, kind, QUICK)
    theta, _, known = reading(small_embedding, 20, 1)
    value = estimator.at(known, theta)
    wanted = small_embedding.chart.values(known.maps, theta)
    height = np.sinh(known.rows[:, small_embedding.names.index("height")].astype(float))
    lowered = 1 + np.maximum(height, 0)[:, None] / HEIGHT  # as in the chart
    gaps = np.diff(wanted, axis=1) / lowered
    assert np.allclose(np.diff(value, axis=1), gaps, rtol=1e-5, atol=1e-3)
    # the ratio to the evidence: its mean over the prior is one
    points = np.random.default_rng(2).uniform([-4, -2], [0, 2], (4000, 2))
    middle = np.exp(estimator.at(known, points))
    assert np.median(middle.mean(axis=1)) == pytest.approx(1.0, abs=0.1)


def test_strangers_come_from_the_density_they_claim(bank):
    """Under q, the mean of prior / q is one: q is normalised and the strangers follow it."""
    inverse = np.exp(-bank.points.log_proposal[:, 1:].astype(float))
    assert inverse.max() <= 2.0 + 1e-4  # half of q is the prior
    assert inverse.mean() == pytest.approx(1.0, abs=0.03)
    for half in (bank.points.u[:, 1:3], bank.points.unit[:, 3:]):
        assert half.mean(axis=(0, 1)) == pytest.approx([0.5, 0.5], abs=0.02)


def test_training_keeps_near_the_exact_ratio(trained, small_maps):
    _, data, known = reading(trained.embedding, 60, 6)
    plane = small_maps.plane
    weights = cell_weights(plane)
    exact = small_maps(data, small_maps.names).astype(float)
    mass = np.exp(exact - exact.max(axis=1, keepdims=True)) * weights
    mass /= mass.sum(axis=1, keepdims=True)
    values = trained.at(known, plane.points)
    own = np.exp(values - values.max(axis=1, keepdims=True)) * np.asarray(weights)
    own /= own.sum(axis=1, keepdims=True)
    distance = 0.5 * np.abs(own - mass).sum(axis=1)
    prior = 0.5 * np.abs(weights - mass).sum(axis=1)
    assert np.median(distance) < 0.3 * np.median(prior)


def test_a_killed_training_ends_in_the_same_weights(small_embedding, bank, tmp_path, monkeypatch):
    monkeypatch.setattr(small_training, "EVERY", 20)
    short = RatioSettings(width=16, features=4, steps=60, batch=64)
    whole = RatioEstimator(small_embedding, "dnre", short)
    losses = whole.fit(bank)
    calls = []

    def loss(*_):
        calls.append(1)
        if len(calls) > 50:
            raise KeyboardInterrupt
        return original(*_)

    killed = RatioEstimator(small_embedding, "dnre", short)
    original = killed._values
    monkeypatch.setattr(killed, "_values", loss)
    with pytest.raises(KeyboardInterrupt):
        killed.fit(bank, tmp_path / "state.npz")
    again = RatioEstimator(small_embedding, "dnre", short)
    assert again.fit(bank, tmp_path / "state.npz") == losses
    for key, value in whole.network.state_dict().items():
        assert np.array_equal(value.numpy(), again.network.state_dict()[key].numpy())


def test_draws_follow_their_density(trained, small_embedding):
    data = small_embedding.maps.joint.data
    drawn = trained.draw(data, 3000, seed=4)
    known = trained.read(data)
    inverse = trained.at(known, drawn.points)[0] - drawn.log_density
    assert np.ptp(inverse) < 1e-3  # one constant: the evidence
    proposal = small_embedding.chart.to_unit(known.maps, drawn.points[None]).log_density[0]
    # under draws of p, the mean of q / p is one
    assert np.mean(np.exp(proposal - drawn.log_density)) == pytest.approx(1.0, abs=0.06)


def test_best_is_the_top_of_the_plane(trained, small_maps):
    _, _, known = reading(trained.embedding, 20, 7)
    best, value = trained.best(known)
    assert np.allclose(trained.at(known, best[:, None])[:, 0], value, atol=1e-3)
    on_nodes = trained.at(known, small_maps.plane.points).max(axis=1)
    assert np.mean(value > on_nodes - 0.2) > 0.9


def test_saved_and_read_again_is_the_same(trained, tmp_path):
    trained.save(tmp_path)
    other = load_ratios(tmp_path, trained.embedding)[trained.kind]
    theta, _, known = reading(trained.embedding, 3, 8)
    assert np.array_equal(other.at(known, theta), trained.at(known, theta))
    (tmp_path / f"{trained.kind}.safetensors").write_bytes(b"no")
    with pytest.raises(InputError, match="damaged or of another"):
        module.RatioEstimator.load(tmp_path, trained.kind, trained.embedding)


def test_unknown_kind(small_embedding):
    with pytest.raises(InputError, match="did you mean 'nre'"):
        RatioEstimator(small_embedding, "nree")


def test_draws_and_density_of_a_ratio_agree(trained, small_embedding):
    """The density integrates to one, and half of it lies above the draws' median."""
    _, data, _ = reading(small_embedding, 3, 12)
    drawn = trained.draw_read(trained.read(data), 400, 5)
    uniform = np.random.default_rng(6).uniform([-4, -2], [0, 2], (4000, 2))
    for t, one in enumerate(data):
        known = trained.read(one[None])
        logs = trained.at(known, uniform)[0] - trained.log_evidence(known)[0]
        everywhere = 16 * np.exp(logs)
        error = everywhere.std() / np.sqrt(len(uniform))
        assert abs(everywhere.mean() - 1) < 4 * error + 0.01
        above = np.where(logs > np.median(drawn.log_density[t]), everywhere, 0.0)
        error = above.std() / np.sqrt(len(uniform))
        assert abs(above.mean() - 0.5) < 4 * error + 0.1
    one = trained.density_of(drawn.points[:, 0], data)
    assert np.allclose(one, drawn.log_density[:, 0], atol=1e-4)
