"""No deadline for hypothesis: the first example of a numba function compiles it."""

from hypothesis import settings

settings.register_profile("numba", deadline=None)
settings.load_profile("numba")
