"""`pontecorvo simulate`: draws of a study's prior and their observables, in shards on disk."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ..base.errors import InputError
from ..base.files import fingerprint, plain, remove_leftovers, writable_folder, write_json
from ..base.progress import progress
from ..base.shards import read_manifest
from ..base.workers import map_shards
from ..sbi.simulated_shards import FORMAT, MANIFEST, Plan, write_shard
from .catalog import load_problem
from .identity import run_fingerprint


def simulate(study: str, out: Path, plan: Plan, overwrite: bool = False) -> dict[str, Any]:
    """Simulate a study's model over its prior.

    The same numbers whoever works and however they are cut; what is there already is not done
    again.

    Args:
        study: A registered study, a YAML file, or a model's file.
        out: Folder for shards and manifest.
        plan: How many, and how they are cut.
        overwrite: Replace simulations of other settings.

    Returns:
        The manifest, as written.

    Raises:
        InputError: If the study is wrong, or the folder holds other simulations.
    """
    target = load_problem(study).target
    model = target.model
    about = {"model": plain(model.describe()), "plan": asdict(plan)}
    # the source of a user's own model counts: its description need not tell that it has changed
    own = fingerprint([about, run_fingerprint({}, target, None)])
    manifest = {
        "format": FORMAT,
        "settings": own,
        "complete": False,
        **about,
        "observables": [q.name for q in model.observables],
        "units": [q.unit for q in model.observables],
        "parameters": [q.name for q in model.parameters],
        "shards": [],
    }
    out = writable_folder(out)
    _claim(out, manifest, overwrite)
    entries = []
    with progress("simulate", plan.draws) as advance:
        for entry in map_shards(partial(write_shard, model, plan, out), plan.firsts):
            entries.append(entry)
            advance(entry["range"][1] - entry["range"][0])
    manifest |= {"complete": True, "shards": entries}
    write_json(out / MANIFEST, manifest)
    return manifest


def _claim(out: Path, manifest: dict[str, Any], overwrite: bool) -> None:
    """Take the folder; shards of other settings are refused, or removed.

    Raises:
        InputError: If it holds some that may not be replaced.
    """
    path = out / MANIFEST
    remove_leftovers(out)
    there = [*out.glob("observables-*.npy"), *out.glob("parameters-*.npy")]
    found = read_manifest(path)
    if found.get("settings") != manifest["settings"]:
        if (there or path.exists()) and not overwrite:
            raise InputError(
                f"--out {out}: holds other simulations; give another folder, or --overwrite"
            )
        for one in there:
            one.unlink()
        write_json(path, manifest)


def said(manifest: dict[str, Any], out: Path) -> str:
    """One line about what was simulated."""
    without = sum(entry["without_observables"] for entry in manifest["shards"])
    plan = manifest["plan"]
    return (
        f"{plan['draws']} simulations of {len(manifest['observables'])} observables in "
        f"{len(manifest['shards'])} shards ({plan['precision']}; {without} without observables): "
        f"{out / MANIFEST}"
    )
