"""Networks on disk come back to the last bit; a damaged pair is refused in one sentence."""

import json

import numpy as np
import pytest
import torch

from pontecorvo.base.errors import InputError
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.flows.flow_settings import FlowSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.flows.store import load_flow, save_flow

SMALL = FlowSettings(network=NetworkSettings(width=8, blocks=1, embedding=8))


@pytest.fixture
def flow():
    made = ConditionalFlow(2, ("x", "y"), (False, True), SMALL, 3)
    rng = np.random.default_rng(0)
    made.coordinates.fit(torch.from_numpy(rng.random((50, 2))))
    values = rng.normal(size=(50, 2))
    made.conditions.fit(values)
    made.conditions.set_range(values, {"x": (-9.0, 9.0)})
    made.card["retrain"] = "the command"
    return made


def test_a_flow_comes_back(flow, tmp_path):
    card = save_flow(flow, tmp_path / "net")
    assert card == tmp_path / "net.json"
    again = load_flow(tmp_path / "net")
    assert again.settings.describe() == flow.settings.describe()
    assert again.conditions.range == flow.conditions.range
    assert again.card["retrain"] == "the command"
    mine, theirs = flow.denoiser.state_dict(), again.denoiser.state_dict()
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    condition = {"x": 0.1, "y": -0.2}
    u = np.random.default_rng(1).random((5, 2))
    np.testing.assert_array_equal(
        again.log_density(u, condition, nodes=4), flow.log_density(u, condition, nodes=4)
    )


def test_saving_again_leaves_one_pair_of_files(flow, tmp_path):
    save_flow(flow, tmp_path / "net.json")
    before = {path.name for path in tmp_path.iterdir()}
    with torch.no_grad():
        next(flow.denoiser.parameters()).add_(1.0)
    (tmp_path / "net.other.safetensors").write_bytes(b"another's")
    save_flow(flow, tmp_path / "net.json")
    after = {path.name for path in tmp_path.iterdir()}
    assert len(before) == 2
    assert len(after - {"net.other.safetensors"}) == 2
    assert "net.other.safetensors" in after
    assert before & after == {"net.json"}, "weights are named by their hash"


def weights_of(folder):
    return next(folder.glob("*.safetensors"))


def changed(**changes):
    def damage(folder):
        path = folder / "net.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return damage


def flipped(folder):
    content = bytearray(weights_of(folder).read_bytes())
    content[-1] ^= 1
    weights_of(folder).write_bytes(content)


DAMAGES = {
    "no such file": lambda folder: (folder / "net.json").unlink(),
    "not a JSON file": lambda folder: (folder / "net.json").write_text("{"),
    "not the card": changed(format="another"),
    "version 2": changed(version=2),
    "unknown": changed(more=1),
    "not a SHA-256": changed(weights_sha256="../../etc/passwd"),
    "weights are missing": lambda folder: weights_of(folder).unlink(),
    "its SHA-256": flipped,
    "does not describe a network": changed(dim=10**9),
    "dim, periodic or conditions": changed(periodic=[0, 1]),
    "condition_range": changed(condition_range={"x": [0, 1]}),
    "is torch.float": changed(
        conditions=["x", "y", "z"], condition_range={name: [0, 1] for name in "xyz"}
    ),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_what_is_damaged_is_refused(flow, tmp_path, words):
    save_flow(flow, tmp_path / "net")
    DAMAGES[words](tmp_path)
    with pytest.raises(InputError, match=words) as refused:
        load_flow(tmp_path / "net")
    assert "\n" not in str(refused.value)


def test_scales_must_be_positive(flow, tmp_path):
    flow.conditions.scale = -flow.conditions.scale
    save_flow(flow, tmp_path / "net")
    with pytest.raises(InputError, match="scale in it is not positive"):
        load_flow(tmp_path / "net")
