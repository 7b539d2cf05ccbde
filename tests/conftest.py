"""Settings that hold for every test."""

from hypothesis import settings

# a first example may wait for a compiler, and CI machines are shared: time says nothing here
settings.register_profile("pontecorvo", deadline=None)
settings.load_profile("pontecorvo")
