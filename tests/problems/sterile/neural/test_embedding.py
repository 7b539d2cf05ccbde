import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.neural.embedding import (
    BETAS,
    Embedding,
    cell_weights,
    lowered,
    moments,
    thinned,
)
from pontecorvo.problems.sterile.neural.simulated import draw_active, make_bank, simulate


def test_moments_are_those_of_the_tempered_map(small_maps):
    rng = np.random.default_rng(1)
    data = small_maps.joint.simulate(np.full(4, 0.3), np.full(4, 1.5), rng)
    below = lowered(small_maps(data, small_maps.names))
    found = moments(below, small_maps.plane)
    weights, (x, y) = cell_weights(small_maps.plane), small_maps.plane.points.T
    for k, beta in enumerate(BETAS):
        w = np.exp(beta * below[2].astype(float)) * weights
        w /= w.sum()
        mean = w @ x, w @ y
        spread = np.sqrt(w @ (x - mean[0]) ** 2), np.sqrt(w @ (y - mean[1]) ** 2)
        own = found[2, 5 * k : 5 * k + 5]
        assert own[:4] == pytest.approx([*mean, *np.log(spread)], abs=2e-3)


def test_components_have_zero_mean_and_unit_variance_on_their_own_examples(small_maps):
    _, data = simulate(small_maps, 300, np.random.default_rng(2))
    examples = small_maps(data, small_maps.names)
    found = Embedding.fit(small_maps, thinned(examples, small_maps.plane), (6, 3))
    rows = found.rows(examples, found.chart.numbers(examples), small_maps.names)
    shape = rows[:, :9].astype(float)
    assert np.abs(shape.mean(axis=0)).max() < 1e-3
    assert np.abs(np.cov(shape[:, :6].T) - np.eye(6) * 300 / 299).max() < 1e-2


def test_rows_have_names_and_flags(small_embedding, small_bank):
    names = small_embedding.names
    assert small_bank.rows.shape == (6_400, len(names))
    assert np.isfinite(small_bank.rows).all()
    flags = small_bank.rows[:, [i for i, n in enumerate(names) if n.startswith("has_")]]
    assert set(np.unique(flags)) == {0.0, 1.0}
    assert flags.any(axis=1).all()


def test_the_rows_of_a_subset_do_not_depend_on_what_else_is_loaded(small_embedding):
    from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps

    maps = small_embedding.maps
    few = [e for e in maps.joint.experiments if e.name in ("sage", "best")]
    alone = Embedding.from_arrays(RatioMaps(few, maps.plane), maps.names, small_embedding.arrays())
    data = np.concatenate([e.data for e in few])
    wanted = small_embedding(maps.joint.data, ("sage", "best"))
    found = alone(data, ("sage", "best"))
    assert np.allclose(found.rows, wanted.rows, atol=1e-4)
    assert np.allclose(found.maps, wanted.maps, atol=1e-4)


def test_same_seed_same_bank_and_kept_banks_are_read(small_embedding, tmp_path):
    path = tmp_path / "bank.npz"
    first = make_bank(small_embedding, 512, 9, path, show=False)
    before = path.stat().st_mtime_ns
    again = make_bank(small_embedding, 512, 9, path, show=False)
    assert path.stat().st_mtime_ns == before
    assert np.array_equal(first.rows, again.rows)
    other = make_bank(small_embedding, 512, 10, path, show=False)
    assert not np.array_equal(first.u, other.u)


def test_every_kind_of_subset_is_drawn(small_maps):
    rng = np.random.default_rng(0)
    drawn = {draw_active(small_maps.names, rng) for _ in range(300)}
    assert small_maps.names in drawn
    assert ("gallex", "sage", "best") in drawn
    assert {("solar",), ("lsnd",)} <= drawn
    assert len(drawn) > 25


def test_damaged_arrays_are_refused(small_embedding):
    maps = small_embedding.maps
    kept = small_embedding.arrays()
    with pytest.raises(InputError, match="missing"):
        Embedding.from_arrays(maps, maps.names, {})
    with pytest.raises(InputError, match="another plane"):
        Embedding.from_arrays(maps, maps.names, {**kept, "mean_0": np.zeros(3)})
    with pytest.raises(InputError, match="unknown to this network"):
        Embedding.from_arrays(maps, ("best",), kept)
    bad = maps.joint.data.copy()
    bad[0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        small_embedding(bad, maps.names)
