"""Long work in shards: each a pure function of its key, kept in a file of its own, with a manifest.

A shard's numbers come from a stream named by its key (`seeds.stream`), so it may be done by anyone,
twice, or again after a kill, and is the same bytes. Its file is whole or absent. The manifest says
which shards there are, over which range, and their SHA-256; a file that is not what the manifest
says is made again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .files import fingerprint, kept_arrays, read_json, save_arrays, sha256, write_json
from .workers import map_shards

FORMAT = "pontecorvo-shards"
Arrays = dict[str, np.ndarray]


def kept_shards(
    compute: Callable[[int], Arrays],
    keys: Sequence[int],
    folder: Path | None,
    pattern: str,
    settings: Any,
    ends: Sequence[int] | None = None,
    threads: int | None = None,
) -> Iterator[Arrays]:
    """Yield the arrays of each shard in order: kept ones, and the others by whoever works.

    Args:
        compute: ``compute(key)``: the arrays of a shard.
        keys: What tells shards apart, such as the number of the first row.
        folder: Where they are kept; workers must see it too. None keeps nothing.
        pattern: Name of a shard's file by its key, such as ``"chains-{:06d}.npz"``.
        settings: What decides the numbers, as plain JSON types; its hash is kept.
        ends: The end of each shard's range, which begins at its key; by default the next key.
        threads: Threads where there are no workers.
    """
    if folder is None:
        yield from map_shards(compute, keys, threads)
        return
    folder = Path(folder)
    path = folder / f"{pattern.split('{')[0].rstrip('-')}.manifest.json"
    own = fingerprint(settings)
    known = _known(path, own)

    def one(key: int) -> tuple[Arrays, str]:
        return kept_shard(compute, key, folder / pattern.format(key), known)

    entries: list[dict[str, Any]] = []
    stops = list(ends) if ends is not None else [*list(keys)[1:], None]
    try:
        work = map_shards(one, keys, threads)
        for index, (key, (arrays, digest)) in enumerate(zip(keys, work, strict=True)):
            name = pattern.format(key)
            span = [key, stops[index]]
            entries.append({"id": index, "range": span, "file": name, "sha256": digest})
            yield arrays
    finally:  # also of work that was stopped
        if entries and {entry["file"]: entry["sha256"] for entry in entries} != known:
            write_json(path, {"format": FORMAT, "settings": own, "shards": entries})


def kept_shard(
    compute: Callable[[int], Arrays], key: int, path: Path, known: Mapping[str, str] | None
) -> tuple[Arrays, str]:
    """The arrays of one shard and the SHA-256 of its file, which is made unless it is there."""
    if known is not None and known.get(path.name) in (None, _digest(path)):
        kept = kept_arrays(path)
        if kept is not None:
            return kept, sha256(path)
    arrays = compute(key)
    save_arrays(path, **arrays)
    return arrays, sha256(path)


def _digest(path: Path) -> str | None:
    try:
        return sha256(path)
    except OSError:
        return None


def _known(path: Path, settings: str) -> dict[str, str] | None:
    """SHA-256 by file of a manifest; None where it is of other settings, whose files are not ours.

    Files without an entry are believed if they can be read: they were written whole.
    """
    content = read_manifest(path)
    if content.get("settings", settings) != settings:
        return None
    found = {}
    for entry in content.get("shards", []):
        if isinstance(entry, dict) and isinstance(entry.get("file"), str):
            found[entry["file"]] = str(entry.get("sha256"))
    return found


def read_manifest(path: Path) -> dict[str, Any]:
    """Content of a manifest; empty where there is none that can be read."""
    content = read_json(path)
    return content if isinstance(content.get("shards"), list) else {}
