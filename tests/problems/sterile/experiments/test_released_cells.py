"""What may be downloaded is declared, needs its folder, and is in no default run without it."""

from pontecorvo.problems.sterile.discovery import declared, default_names
from pontecorvo.problems.sterile.experiments.released_cells import RELEASES


def test_downloads_are_declared_and_are_no_default():
    for name, (_, folder, source) in RELEASES.items():
        one = declared()[name]
        assert source in one.needs
        assert one.released[0].path == folder
        assert name not in default_names()
