"""Networks on disk: weights in safetensors, and a card in JSON that says what they are good for.

``NAME.json`` names the SHA-256 of its weights, which lie in ``NAME.<first 12 digits>.safetensors``.
The card is replaced last, so a reader finds the old pair or the new one, never a mixture. Nothing
in either file is executed or unpickled, and sizes are checked before memory is taken.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..base.errors import InputError
from ..base.files import atomic_path, write_json
from .networks import NetworkSettings
from .torch_threads import torch_defaults

if TYPE_CHECKING:
    from .conditional_flow import ConditionalFlow
    from .feature_maps import FeatureMap

FORMAT = "pontecorvo-flow"
VERSION = 1
_LARGEST_CARD = 4_000_000
_LARGEST_WEIGHTS = 2_000_000_000
_FREE_KEYS = ("training", "retrain", "calibration", "known_limits")
_KEYS = {
    *("format", "version", "dim", "periodic", "conditions", "condition_range", "settings", "seed"),
    *_FREE_KEYS,
    "weights_sha256",
}


def _card_path(path: Path | str) -> Path:
    path = Path(path)
    return path if path.suffix == ".json" else path.with_name(path.name + ".json")


def _weights_path(card: Path, digest: str) -> Path:
    return card.with_name(f"{card.stem}.{digest[:12]}.safetensors")


def _tensors(flow: "ConditionalFlow") -> dict[str, Tensor]:
    tensors = {f"network.{k}": v for k, v in flow.denoiser.state_dict().items()}
    tensors["coordinates.mean"] = flow.coordinates.mean
    tensors["coordinates.matrix"] = flow.coordinates.matrix
    tensors["condition.mean"] = flow.conditions.mean
    tensors["condition.scale"] = flow.conditions.scale
    return {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}


def save_flow(flow: "ConditionalFlow", path: Path | str) -> Path:
    """Write a flow; returns the path of its card."""
    from safetensors.torch import save

    card = _card_path(path)
    content = save(_tensors(flow), metadata={"format": FORMAT})
    digest = hashlib.sha256(content).hexdigest()
    weights = _weights_path(card, digest)
    with atomic_path(weights) as temporary:
        temporary.write_bytes(content)
    about = {key: flow.card[key] for key in _FREE_KEYS}
    write_json(
        card,
        {
            "format": FORMAT,
            "version": VERSION,
            "dim": flow.dim,
            "periodic": flow.periodic.tolist(),
            "conditions": list(flow.conditions.names),
            "condition_range": flow.conditions.range,
            "settings": flow.settings.describe(),
            "seed": flow.seed,
            **about,
            "weights_sha256": digest,
        },
    )
    for old in card.parent.glob(f"{card.stem}.{'[0-9a-f]' * 12}.safetensors"):
        if old != weights:
            old.unlink(missing_ok=True)
    return card


@torch_defaults()
def load_flow(path: Path | str, features: "FeatureMap | None" = None) -> "ConditionalFlow":
    """Read a flow; with the features it reads, where these are handed over and not registered.

    Raises:
        InputError: If card or weights are missing, damaged, of the wrong form, or do not belong
            together.
    """
    card_path = _card_path(path)
    card = _read_card(card_path)
    weights = _weights_path(card_path, card["weights_sha256"])
    with torch.device("meta"):  # shapes only: a hostile card must not make us take memory
        shapes = {
            name: tensor.shape
            for name, tensor in _tensors(_build(card_path, card, features)).items()
        }
    tensors = _read_weights(weights, card["weights_sha256"], shapes)
    # into memory of their own: a product's last bits can depend on how its factors are aligned
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    flow = _build(card_path, card, features)
    prefix = "network."
    network = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    flow.denoiser.load_state_dict(network)
    flow.denoiser.eval()
    flow.coordinates.mean = tensors["coordinates.mean"]
    flow.coordinates.matrix = tensors["coordinates.matrix"]
    flow.conditions.mean = tensors["condition.mean"]
    flow.conditions.scale = tensors["condition.scale"]
    positive = (torch.diagonal(flow.coordinates.matrix) > 0).all() and (
        flow.conditions.scale > 0
    ).all()
    if not bool(positive):
        raise _damaged(weights, "a scale in it is not positive")
    return flow


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"network {path}: {why}; train it again or fetch a whole copy")


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"network {path}: there is no such file; give the card that `save` wrote")
    if path.stat().st_size > _LARGEST_CARD:
        raise _damaged(path, "is too large to be a card")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise _damaged(path, "is not a JSON file") from None
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise _damaged(path, "is not the card of a pontecorvo network")
    if card.get("version") != VERSION:
        raise InputError(
            f"network {path}: has version {card.get('version')!r} of the format; this program "
            f"reads version {VERSION}"
        )
    missing, unknown = sorted(_KEYS - card.keys()), sorted(card.keys() - _KEYS)
    if missing or unknown:
        raise _damaged(path, f"the card lacks {missing} and has unknown {unknown}")
    digest = card["weights_sha256"]
    if not (isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)):
        raise _damaged(path, "weights_sha256 is not a SHA-256")
    return card


def _build(path: Path, card: dict[str, Any], features: "FeatureMap | None") -> "ConditionalFlow":
    from .conditional_flow import ConditionalFlow
    from .flow_settings import FlowSettings

    try:
        settings = dict(card["settings"])
        network = NetworkSettings(**settings.pop("network"))
        names, flags = card["conditions"], card["periodic"]
        whole = isinstance(card["dim"], int) and 1 <= card["dim"] <= 4096
        if not (whole and all(isinstance(x, bool) for x in flags) and len(names) <= 4096):
            raise ValueError("dim, periodic or conditions are of the wrong form")
        if not all(isinstance(name, str) for name in names):
            raise ValueError("the names of the conditions are not text")
        flow = ConditionalFlow(
            card["dim"],
            names,
            flags,
            FlowSettings(network=network, **settings),
            int(card["seed"]),
            features,
        )
        flow.conditions.range = {
            name: (float(low), float(high)) for name, (low, high) in card["condition_range"].items()
        }
        if set(flow.conditions.range) != set(names):
            raise ValueError("condition_range does not name the conditions")
        flow.card = {key: card[key] for key in _FREE_KEYS}
        if not (isinstance(flow.card["retrain"], str) and isinstance(flow.card["training"], dict)):
            raise ValueError("retrain or training are of the wrong form")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged(path, f"the card does not describe a network ({error})") from None
    return flow


def _read_weights(path: Path, digest: str, shapes: dict[str, torch.Size]) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    if not path.is_file():
        raise InputError(f"network {path}: the weights are missing; they belong beside their card")
    if path.stat().st_size > _LARGEST_WEIGHTS:
        raise _damaged(path, "is too large")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise _damaged(path, "its SHA-256 is not the one in the card")
    try:
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError):
        raise _damaged(path, "is not a safetensors file") from None
    if tensors.keys() != shapes.keys():
        odd = sorted(tensors.keys() ^ shapes.keys())[:3]
        raise _damaged(path, f"its tensors are not the network's (first differences: {odd})")
    for name, tensor in tensors.items():
        wanted = torch.float32 if name.startswith("network.") else torch.float64
        if tensor.shape != shapes[name] or tensor.dtype != wanted:
            raise _damaged(
                path,
                f"tensor {name} is {tensor.dtype} {list(tensor.shape)}, not {wanted} "
                f"{list(shapes[name])}",
            )
        if not bool(torch.isfinite(tensor).all()):
            raise _damaged(path, f"tensor {name} holds values that are not finite numbers")
    return tensors
