"""Training, saving and loading, with networks small enough for seconds."""

import json
import struct

import numpy as np
import pytest
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from pontecorvo.base.errors import InputError
from pontecorvo.flows import trainer as train_module
from pontecorvo.flows.batches import ArrayExamples, SimulatedExamples
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.flows.coordinates import MAPS, WHITENINGS, Coordinates
from pontecorvo.flows.flow_settings import FlowSettings, TrainSettings
from pontecorvo.flows.networks import NetworkSettings

TINY = NetworkSettings(width=32, blocks=2, embedding=32)


def simulate(rng, n):
    """x given c is normal (c, 0.3), an angle given c is wrapped normal (0.3 c, 0.08 turns)."""
    c = rng.uniform(-1, 1, (n, 1))
    x = c + 0.3 * rng.standard_normal((n, 1))
    turn = np.remainder(0.3 * c + 0.08 * rng.standard_normal((n, 1)), 1.0)
    return np.hstack([ndtr(x), turn]), c


def exact_log_density(u, c):
    x = ndtri(u[:, 0])
    turns = sum(norm.pdf(u[:, 1] + k, 0.3 * c, 0.08) for k in (-2, -1, 0, 1, 2))
    return norm.logpdf(x, c, 0.3) - norm.logpdf(x) + np.log(turns)


def make_flow(**settings):
    settings = {"network": TINY} | settings
    return ConditionalFlow(2, ["c"], [False, True], FlowSettings(**settings), seed=1)


QUICK = TrainSettings(
    steps=400, batch=256, learning_rate=5e-3, ema=0.98, precision="float32", warmup=20
)


@pytest.fixture(scope="module")
def trained():
    flow = make_flow()
    examples = SimulatedExamples(simulate, {"toy": "normal and angle"}, seed=2)
    held_out = simulate(np.random.default_rng(9), 1000)
    history = flow.fit(
        examples,
        QUICK,
        validation=held_out,
        condition_range={"c": (-1, 1)},
        retrain="pontecorvo train toy --wide",
        monitor=lambda f: {"mean": f.sample([0.0], 50).u[:, 0].mean()},
    )
    assert history.rows[-1]["validation"] < 0.9
    assert "mean" in history.rows[-1]
    return flow


def efficiency(flow, c, guidance=1.0, n=1500):
    draws = flow.sample([c], n, seed=3, with_density=True, guidance=guidance)
    log_w = exact_log_density(draws.u, c) - draws.log_density
    w = np.exp(log_w)
    return w.sum() ** 2 / (w**2).sum() / n, w.mean()


@pytest.mark.parametrize("c", [-0.6, 0.2])
def test_a_trained_flow_is_the_posterior(trained, c):
    share, evidence = efficiency(trained, c)
    assert share > 0.75
    assert abs(evidence - 1) < 0.1
    draws = trained.sample({"c": c}, 1000)
    x = ndtri(draws.u[:, 0])
    assert abs(x.mean() - c) < 0.08
    assert abs(x.std() - 0.3) < 0.06
    assert draws.log_density is None
    assert draws.u.dtype == np.float64


def test_density_is_normalised_and_agrees_with_that_of_the_draws(trained):
    draws = trained.sample([0.2], 100, with_density=True)
    again = trained.log_density(draws.u, [0.2])
    np.testing.assert_allclose(again, draws.log_density, atol=5e-3)
    assert draws.report.round_trip_median < 1e-3
    assert draws.report.log_density_median < 1e-2
    axis = (np.arange(60) + 0.5) / 60
    for guidance in (1.0, 2.0):
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        total = np.exp(trained.log_density(grid, [0.2], guidance=guidance, nodes=12)).mean()
        assert abs(total - 1) < 0.02


def test_one_condition_a_row(trained):
    c = np.linspace(-0.9, 0.9, 600)[:, None]
    draws = trained.sample(c, 600, with_density=True)
    x = ndtri(draws.u[:, 0])
    assert np.corrcoef(x, c[:, 0])[0, 1] > 0.8
    single = trained.sample(c[5], 600, with_density=True)
    np.testing.assert_allclose(draws.u[5], single.u[5], atol=1e-4)
    np.testing.assert_allclose(draws.log_density[5], single.log_density[5], atol=1e-2)
    rows = trained.log_density(draws.u, c)
    np.testing.assert_allclose(rows, draws.log_density, atol=1e-2)


def test_draws_depend_on_the_seed_and_the_index_only(trained):
    many, few = trained.sample([0.1], 1100, seed=4), trained.sample([0.1], 1030, seed=4)
    np.testing.assert_allclose(many.u[:1030], few.u, atol=1e-6)
    np.testing.assert_array_equal(many.u, trained.sample([0.1], 1100, seed=4).u)
    assert not np.allclose(many.u[:50], trained.sample([0.1], 50, seed=5).u)


def test_gradient_guidance_through_a_forward_map(trained):
    """A second measurement of x, 0.5 +- 0.2, moves the draws towards it."""

    def log_likelihood(u):
        return -0.5 * ((torch.special.ndtri(u[:, 0].clamp(1e-9, 1 - 1e-9)) - 0.5) / 0.2) ** 2

    plain = trained.sample([0.0], 200, sampler="heun")
    guided = trained.sample([0.0], 200, sampler="heun", gradient=log_likelihood)
    assert ndtri(guided.u[:, 0]).mean() > ndtri(plain.u[:, 0]).mean() + 0.15
    assert guided.settings["gradient_scale"] == 1.0


def test_reloading_gives_the_same_bytes(trained, tmp_path):
    card = trained.save(tmp_path / "toy")
    loaded = ConditionalFlow.load(card)
    for options in ({}, {"with_density": True}, {"sampler": "ancestral", "steps": 20}):
        ours, theirs = (f.sample([0.3], 300, seed=1, **options) for f in (trained, loaded))
        np.testing.assert_array_equal(ours.u, theirs.u)
        if ours.log_density is not None:
            np.testing.assert_array_equal(ours.log_density, theirs.log_density)
    again = loaded.save(tmp_path / "copy")
    assert json.loads(again.read_text()) == json.loads(card.read_text())
    content = json.loads(card.read_text())
    assert content["training"]["data"]["source"] == {"toy": "normal and angle"}
    assert len(content["training"]["data"]["sha256"]) == 64
    trained.save(tmp_path / "toy")
    assert len(list(tmp_path.glob("toy.*.safetensors"))) == 1


def test_conditions_out_of_range_are_refused(trained):
    with pytest.raises(InputError, match=r"c = 2 is outside .* -1 to 1 .* toy --wide"):
        trained.sample([2.0], 5)
    with pytest.raises(InputError, match="outside"):
        trained.sample({"c": float("nan")}, 5)
    with pytest.raises(InputError, match="'d' is unknown"):
        trained.sample({"d": 1.0}, 5)
    with pytest.raises(InputError, match="'c' is missing"):
        trained.sample({}, 5)
    with pytest.raises(InputError, match="1 value"):
        trained.sample([0.1, 0.2], 5)
    with pytest.raises(InputError, match="draws"):
        trained.sample([0.1], 0)


def damaged_copies(card):
    """Pairs (what, write): each makes the saved network hostile or damaged in one way."""
    content = json.loads(card.read_text())
    weights = next(card.parent.glob("toy.*.safetensors"))
    raw = weights.read_bytes()

    def edit(**changes):
        card.write_text(json.dumps(content | changes))

    def weigh(data):
        import hashlib

        digest = hashlib.sha256(data).hexdigest()
        weights.with_name(f"toy.{digest[:12]}.safetensors").write_bytes(data)
        edit(weights_sha256=digest)

    def tensors(change):
        from safetensors.torch import load, save

        loaded = load(raw)
        change(loaded)
        weigh(save(loaded))

    def poison(loaded):
        loaded["network.network.head.bias"][0] = float("nan")

    def settings(**changes):
        return content["settings"] | changes

    huge = NetworkSettings().describe() | {"width": 16384, "blocks": 64}
    wide = settings(network=huge)
    odd = TINY.describe() | {"width": 33}
    header = struct.pack("<Q", 2**62) + b"{}"
    return {
        "is not a JSON file": lambda: card.write_text("{"),
        "is not the card": lambda: card.write_text("[1, 2]"),
        "unknown \\['extra'\\]": lambda: edit(extra=1),
        "version 99": lambda: edit(version=99),
        "not a SHA-256": lambda: edit(weights_sha256="../../etc/passwd"),
        "weights are missing": lambda: edit(weights_sha256="0" * 64),
        "SHA-256 is not the one": lambda: weights.write_bytes(raw[:-1] + b"x"),
        "not a safetensors": lambda: weigh(header),
        "not finite": lambda: tensors(poison),
        "tensors are not": lambda: tensors(lambda t: t.pop("coordinates.mean")),
        "torch.float32": lambda: tensors(
            lambda t: t.update({"coordinates.mean": t["coordinates.mean"].float()})
        ),
        "not positive": lambda: tensors(lambda t: t["condition.scale"].mul_(0)),
        "does not describe": lambda: edit(settings={"network": {"kind": "pickle"}}),
        "first differences: ..network": lambda: edit(settings=wide),
        r"not torch\.float32 .\d+": lambda: edit(settings=settings(network=odd)),
        "dim, periodic": lambda: edit(dim=10**9),
        "condition_range": lambda: edit(condition_range={}),
    }


def test_damaged_and_hostile_files_are_refused(trained, tmp_path):
    names = []
    for index in range(17):
        card = trained.save(tmp_path / str(index) / "toy")
        sentence, harm = list(damaged_copies(card).items())[index]
        harm()
        with pytest.raises(InputError, match=sentence):
            ConditionalFlow.load(card)
        names.append(sentence)
    assert len(names) == len(damaged_copies(trained.save(tmp_path / "toy")))
    with pytest.raises(InputError, match="no such file"):
        ConditionalFlow.load(tmp_path / "nothing")


class _KilledError(Exception):
    pass


def test_an_interrupted_training_ends_in_the_same_bytes(tmp_path, monkeypatch):
    settings = TrainSettings(
        steps=24, batch=64, validate_every=6, checkpoint_every=5, patience=50, precision="float32"
    )

    def train(name, checkpoint):
        flow = make_flow(model_guidance=3.0)
        examples = SimulatedExamples(simulate, {}, seed=2, block=4)
        held_out = simulate(np.random.default_rng(9), 100)
        flow.fit(examples, settings, validation=held_out, checkpoint=checkpoint)
        card = flow.save(tmp_path / name / "net")
        return [p.read_bytes() for p in sorted(card.parent.iterdir())]

    whole = train("whole", None)
    advance = train_module.Trainer._advance
    path = tmp_path / "run.safetensors"
    for death in (7, 11, 23):

        def dies(self, death=death):
            if self.step == death:
                raise _KilledError
            return advance(self)

        monkeypatch.setattr(train_module.Trainer, "_advance", dies)
        with pytest.raises(_KilledError):
            train("broken", path)
        assert path.exists()
    monkeypatch.setattr(train_module.Trainer, "_advance", advance)
    assert train("resumed", path) == whole
    assert train("read back", path) == whole
    flow = make_flow()
    with pytest.raises(InputError, match="other data or settings"):
        flow.fit(SimulatedExamples(simulate, {}, seed=3), settings, checkpoint=path)
    path.write_bytes(b"junk")
    with pytest.raises(InputError, match="damaged"):
        make_flow().fit(SimulatedExamples(simulate, {}), settings, checkpoint=path)


def test_early_stopping_keeps_the_best():
    rng = np.random.default_rng(0)
    few = simulate(rng, 40)  # so few that it overfits
    flow = make_flow()
    settings = TrainSettings(
        steps=4000,
        batch=40,
        learning_rate=1e-2,
        schedule="constant",
        ema=0.9,
        validate_every=25,
        patience=4,
        precision="float32",
    )
    history = flow.fit(ArrayExamples(*few), settings, validation=simulate(rng, 500))
    assert history.stopped_at < 4000
    assert history.best_step == history.stopped_at - 100
    assert history.best == min(row["validation"] for row in history.rows)


def test_one_cycle_is_pytorchs():
    settings = TrainSettings(steps=50, schedule="one-cycle", learning_rate=1e-2)
    optimiser = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=50)
    for step in range(50):
        group = optimiser.param_groups[0]
        np.testing.assert_allclose(settings.rate(step), (group["lr"], group["betas"][0]), rtol=1e-6)
        if step < 49:
            optimiser.step()
            schedule.step()


def test_bad_training_is_refused():
    flow = make_flow()
    u, c = simulate(np.random.default_rng(0), 50)
    with pytest.raises(InputError, match="did you mean 'cosine'"):
        TrainSettings(schedule="cosin")
    with pytest.raises(InputError, match="steps"):
        TrainSettings(steps=0)
    with pytest.raises(InputError, match="this flow needs"):
        flow.fit(ArrayExamples(u[:, :1], c), QUICK)
    with pytest.raises(InputError, match="not finite"):
        ArrayExamples(np.where(u > 0.9, np.nan, u), c)
    with pytest.raises(InputError, match="do not vary"):
        flow.fit(ArrayExamples(np.full_like(u, 0.5), c), QUICK)
    with pytest.raises(InputError, match="weights"):
        ArrayExamples(u, c, weights=-np.ones(50))
    with pytest.raises(InputError, match="no condition"):
        flow.fit(ArrayExamples(u, c), QUICK, condition_range={"d": (0, 1)})
    with pytest.raises(InputError, match="distinct"):
        ConditionalFlow(2, ["c", "c"])


def test_array_examples_visit_every_row_once_an_epoch():
    u = np.arange(10.0)[:, None] / 10
    examples = ArrayExamples(u, np.zeros((10, 0)), seed=1)
    seen = np.concatenate([examples.batch(step, 4)[0][:, 0] for step in range(5)])
    for epoch in (seen[:10], seen[10:]):
        np.testing.assert_array_equal(np.sort(epoch), u[:, 0])
    weighted = ArrayExamples(u, np.zeros((10, 0)), weights=np.arange(10) == 3)
    assert set(weighted.batch(0, 50)[0][:, 0]) == {0.3}


@pytest.mark.parametrize("kind", MAPS)
@pytest.mark.parametrize("whitening", WHITENINGS)
def test_coordinates_close_and_their_volume_is_the_jacobian(kind, whitening):
    rng = np.random.default_rng(0)
    u = torch.from_numpy(rng.beta(2, 3, (400, 3)))
    u[:, 1] = 0.5 * u[:, 1] + 0.4 * u[:, 0]
    coordinates = Coordinates(torch.tensor([False, False, True]), kind, whitening)
    coordinates.fit(u)
    y = coordinates.to_flow(u)
    back, volume = coordinates.to_cube(y)
    torch.testing.assert_close(back, u, rtol=1e-9, atol=1e-9)
    if whitening != "none":
        torch.testing.assert_close(
            y[:, :2].std(dim=0), torch.ones(2).double(), rtol=1e-6, atol=1e-6
        )
    if whitening == "full":
        assert abs(float(torch.corrcoef(y[:, :2].T)[0, 1])) < 1e-6
    jacobian = torch.func.jacrev(lambda p: coordinates.to_cube(p[None])[0][0])
    for row in range(3):
        _, exact = torch.linalg.slogdet(jacobian(y[row]))
        torch.testing.assert_close(volume[row], exact)


def fit_guided(steps, model_guidance):
    """One coordinate, x given c normal (c, 0.5), c normal: so p(x) is N(0, 1.25)."""

    def source(rng, n):
        c = rng.standard_normal((n, 1))
        return ndtr((c + 0.5 * rng.standard_normal((n, 1))) / 1.25**0.5), c

    settings = FlowSettings(network=TINY, model_guidance=model_guidance)
    flow = ConditionalFlow(1, ["c"], None, settings, seed=1)
    train = TrainSettings(
        steps=steps,
        batch=512,
        learning_rate=5e-3,
        ema=0.99,
        dropout=0.2,
        precision="float32",
        warmup=20,
    )
    flow.fit(SimulatedExamples(source, {}, seed=0), train)
    return flow


@pytest.mark.slow
def test_trained_guidance_narrows_as_the_exact_guided_flow_does():
    from analytic_field import MixtureField
    from pontecorvo.flows.guidance import ClassifierFree
    from pontecorvo.flows.noise_schedules import make_path
    from pontecorvo.flows.ode_samplers import integrate

    path = make_path("flow-matching")
    narrow = MixtureField(path, [1.0], [[0.8 / 1.25**0.5]], [[0.5 / 1.25**0.5]])
    wide = MixtureField(path, [1.0], [[0.0]], [[1.0]])
    for learned in (False, True):
        flow = fit_guided(500, 3.0 if learned else None)
        for scale in (1.0, 3.0):
            noise = torch.randn(1500, 1, generator=torch.Generator().manual_seed(0))
            exact = integrate(ClassifierFree(narrow, wide, scale), noise, "rk4", 20)
            draws = ndtri(flow.sample([0.8], 1500, guidance=scale).u[:, 0])
            assert abs(draws.mean() - float(exact.mean())) < 0.12, (learned, scale)
            assert abs(draws.std() / float(exact.std()) - 1) < 0.25, (learned, scale)
        if learned:
            with pytest.raises(InputError, match="scale 1 to 3"):
                flow.sample([0.8], 5, guidance=4.0)


def test_a_network_without_dropout_has_no_guidance():
    flow = make_flow()
    settings = TrainSettings(steps=2, batch=16, dropout=0.0, precision="float32")
    flow.fit(SimulatedExamples(simulate, {}), settings, condition_range={"c": (-1, 1)})
    with pytest.raises(InputError, match="without dropped conditions"):
        flow.sample([0.0], 4, guidance=2.0)


@pytest.mark.slow
@pytest.mark.parametrize("coordinates", MAPS)
@pytest.mark.parametrize(
    ("path", "prediction"),
    [
        ("flow-matching", "velocity"),
        ("vp", "velocity"),
        ("vp", "noise"),
        ("ve", "score"),
        ("ve", "velocity"),
    ],
)
def test_every_recipe_learns_a_mixture(path, prediction, coordinates):
    def source(rng, n):
        c = rng.uniform(0.5, 1.5, (n, 1))
        side = np.where(rng.random((n, 1)) < 0.3, -1.0, 1.0)
        return ndtr(side * c + 0.4 * rng.standard_normal((n, 2))), c

    settings = FlowSettings(
        path={"name": path},
        prediction=prediction,
        coordinates=coordinates,
        network=NetworkSettings(width=64, blocks=3, embedding=32),
    )
    flow = ConditionalFlow(2, ["c"], None, settings)
    flow.fit(
        SimulatedExamples(source, {}),
        TrainSettings(steps=3000, batch=512, learning_rate=3e-3, precision="float32"),
    )
    draws = flow.sample([1.0], 2000, with_density=True, nodes=24)
    inside = ((draws.u > 0) & (draws.u < 1)).all(axis=1)
    x = ndtri(draws.u[inside])
    parts = [np.log(w) + norm.logpdf(x, side, 0.4).sum(1) for w, side in ((0.3, -1.0), (0.7, 1.0))]
    log_p = np.logaddexp(*parts) - norm.logpdf(x).sum(1)
    w = np.zeros(2000)
    w[inside] = np.exp(log_p - draws.log_density[inside])
    share = w.sum() ** 2 / (w**2).sum() / 2000
    print(path, prediction, coordinates, round(share, 3), draws.report)
    assert share > 0.5
    assert abs(w.mean() - 1) < 0.1


@pytest.mark.parametrize("clip", ["box", "dynamic"])
def test_clipping_brings_points_into_the_cube_and_leaves_others(clip):
    coordinates = Coordinates(torch.tensor([False, False, True]), "affine")
    cube = np.random.default_rng(0).uniform(0, 1, (500, 3))
    coordinates.fit(torch.from_numpy(cube))
    inside = coordinates.to_flow(torch.from_numpy(cube[:20] * 0.9 + 0.05)).float()
    torch.testing.assert_close(coordinates.clip(inside, clip), inside)
    far = inside + torch.tensor([3.0, -1.0, 0.0])
    u, _ = coordinates.to_cube(coordinates.clip(far, clip))
    assert 0 <= float(u.min()) <= float(u.max()) <= 1
    assert coordinates.clip(far, "none") is far
    bounded = Coordinates(torch.tensor([False]), "probit")  # cannot leave the cube
    assert torch.equal(bounded.clip(far[:, :1], clip), far[:, :1])


def test_dynamic_clipping_keeps_the_direction_where_the_box_does_not():
    coordinates = Coordinates(torch.zeros(40, dtype=torch.bool), "affine", "none")
    far = torch.linspace(0.1, 6.0, 40).unsqueeze(0)
    kept = coordinates.clip(far, "dynamic") / far
    assert float(kept[0, :37].std()) < 1e-4  # all but the largest 5 % shrink alike
    assert float((coordinates.clip(far, "box") / far)[0].std()) > 0.1


def test_a_clip_needs_a_sampler_with_an_estimate_of_the_data(trained):
    with pytest.raises(InputError, match="rk4 has no estimate"):
        trained.sample([0.0], 4, clip="box")
    with pytest.raises(InputError, match="clip 'bocks' is unknown"):
        trained.sample([0.0], 4, sampler="ddim", clip="bocks")


def test_conditions_not_centred_are_kept_by_a_card(tmp_path):
    flow = make_flow(centred=False)
    examples = SimulatedExamples(simulate, {"toy": "normal and angle"}, seed=2)
    flow.fit(examples, TrainSettings(steps=2, batch=8, precision="float32"), show=False)
    assert float(flow.conditions.mean) == 0
    again = ConditionalFlow.load(flow.save(tmp_path / "net.json"))
    assert not again.settings.centred
    assert np.array_equal(
        again.sample([0.2], 8, sampler="ddim").u, flow.sample([0.2], 8, sampler="ddim").u
    )
