from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import write_json
from pontecorvo.flows.torch_threads import one_thread
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.neural.bundle import load_bundle, probe, save_embedding, unfit
from pontecorvo.problems.sterile.neural.misspecification import misspecification
from pontecorvo.problems.sterile.neural.neural_fits import neural_fit
from pontecorvo.problems.sterile.neural.plane_flows import TRAIN, NeuralPosterior, best_point, weigh
from pontecorvo.problems.sterile.neural.simulated import HIGH, LOW

QUICK = replace(TRAIN, steps=250, batch=256, warmup=50, validate_every=250)


@pytest.fixture(scope="module")
def trained(small_embedding, small_bank):
    posterior = NeuralPosterior.untrained(small_embedding, "fmpe", seed=1)
    with one_thread():
        posterior.fit(small_bank, QUICK, show=False)
    return posterior


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    out = tmp_path_factory.mktemp("networks")
    trained.save(out)
    save_embedding(out, trained.embedding, {"seed": 1})
    return out


def test_weighed_draws_give_the_exact_evidence_of_any_subset(trained):
    """Even a network that was hardly trained: the weights carry the exact likelihood."""
    fits = sets_of(trained.embedding.maps.joint.experiments, Settings(posterior_shape=(81, 161)))
    for name in ("joint", "gallium", "solar"):
        fit = fits[name]
        active = [e.name for e in fit.experiments]
        draws = trained.draw(trained.embedding.maps.joint.data, 1500, 3, active, nodes=8)
        assert (draws.points > LOW).all()
        assert (draws.points < HIGH).all()
        weights = weigh(draws, fit.log_likelihood(draws.points))
        found = weights.log_evidence - fit.posterior.null_log_likelihood
        exact = fit.posterior.log_bayes_factor
        assert abs(found - exact) < 5 * weights.log_evidence_error + 0.02
        assert weights.efficiency > 0.05
        best = best_point(draws)
        known = trained.read(draws_data(trained), active)
        again = trained.density_read(best[None, None], known)[0, 0]
        assert again == pytest.approx(draws.log_density.max(), abs=0.05)


def draws_data(trained):
    return trained.embedding.maps.joint.data


def test_the_mask_changes_the_posterior(trained):
    data = draws_data(trained)
    carbon = trained.draw(data, 400, 1, ("karmen", "lsnd"), nodes=6).points
    gallium = trained.draw(data, 400, 1, ("gallex", "sage", "best"), nodes=6).points
    # gallium wants a large amplitude, the carbon pair does not
    assert np.median(gallium[:, 0]) > np.median(carbon[:, 0]) + 0.5


def test_a_bundle_is_read_for_fewer_experiments_and_says_the_same(folder, trained):
    few = load_experiments("gallex,sage,best")
    bundle = load_bundle(folder, few)
    assert list(bundle.posteriors) == ["fmpe"]
    # the plane of the small test networks is not the default one
    assert bundle.embedding.known == trained.embedding.known


def test_other_settings_and_unseen_experiments_are_told(folder):
    same = load_experiments("best,solar")
    assert unfit(folder, same) == {}
    wide = load_experiments("best", Setting(gallium_cross_section=0.1))
    assert "other settings" in unfit(folder, wide)["best"]
    danss = load_experiments("danss")
    assert "not seen" in unfit(folder, danss)["danss"]
    with pytest.raises(InputError, match="pontecorvo train sterile"):
        load_bundle(folder, danss)
    gaussian = load_experiments("danss", Setting(options=(("energy_scale", "gaussian"),)))
    assert probe(gaussian[0]).shape != probe(danss[0]).shape


def test_damaged_files_are_refused(folder, tmp_path):
    with pytest.raises(InputError, match="there are none"):
        unfit(tmp_path, [])
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    write_json(tmp_path / "embedding.json", {"format": "else"})
    with pytest.raises(InputError, match="damaged"):
        unfit(tmp_path, [])


def test_a_network_of_another_embedding_is_refused(folder, small_embedding):
    other = replace(small_embedding, known=small_embedding.known[:-1])
    with pytest.raises(InputError, match="other experiments"):
        NeuralPosterior.load(folder, "fmpe", other)


def test_misfit_is_silent_for_simulations_and_loud_for_others(small_embedding):
    maps = small_embedding.maps
    rng = np.random.default_rng(5)
    points = np.stack([rng.uniform(-4, -3, 300), rng.uniform(-2, 2, 300)], axis=1)
    good = maps.joint.toys(1e-4, 1.0, 20, rng)
    warned = [bool(misspecification(small_embedding, data, points, 1).warning) for data in good]
    assert np.mean(warned) < 0.2
    bad = good[0].copy()
    bins = maps.joint.slices["gallex"]
    bad[bins] = [2.0, 0.1]
    found = misspecification(small_embedding, bad, points, 1)
    assert "gallex" in found.warning
    assert "best" not in found.odd


def test_a_fit_by_the_network_describes_itself(trained, folder):
    from pontecorvo.problems.sterile.neural.bundle import Bundle

    bundle = Bundle(folder, trained.embedding, {"fmpe": trained}, {})
    fits = sets_of(trained.embedding.maps.joint.experiments, Settings(posterior_shape=(61, 81)))
    about = neural_fit(bundle.posteriors["fmpe"], fits["gallium"], 200, 1, nodes=6).describe()
    assert about["set"] == "gallium"
    assert about["draws"] == 200
    assert np.isfinite(about["log_bayes_factor"])


def test_unknown_kind(small_embedding):
    with pytest.raises(InputError, match="did you mean 'fmpe'"):
        NeuralPosterior.untrained(small_embedding, "fmpee")
