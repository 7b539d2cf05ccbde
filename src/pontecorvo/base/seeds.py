"""Random numbers that depend on what is drawn, never on when or by which thread.

A run has one seed. Each stage, and each block of draws in it, has its own stream, named by text and
number, so that a run that was killed and resumed, or split over threads, ends in the same bytes.
"""

import hashlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to `names` under `seed`.

    Args:
        seed: The run's seed, any non-negative integer.
        names: What the numbers are for, such as ``("chains", 12)``.

    Returns:
        A PCG64 generator, independent of the streams of all other names.
    """
    text = "/".join(str(name) for name in names)
    words = np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], dtype=np.uint32)
    return np.random.default_rng([seed, *words.tolist()])
