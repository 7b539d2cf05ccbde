"""Releases that a user downloads and lays out (`cell_spectra`): PROSPECT final and STEREO.

Neither ships, and the names of their own files are not relied on: a user writes the few tables of
the layout from the download, and ``pontecorvo data check`` says what is missing or of a wrong
shape. They join the default run when their folder is there.
"""

from functools import partial
from pathlib import Path

from ....base.errors import InputError
from ..cell_spectra import CellSpectra, read_cells
from ..data_folder import find
from ..declaration import Declaration, Released
from ..experiment_registry import Setting
from ..wave_packet_option import WAVE_PACKET, packet_width

# name: title, folder, source
RELEASES = {
    "prospect-final": (
        "PROSPECT final",
        "prospect-final",
        "PROSPECT, arXiv:2406.10408, ancillary files",
    ),
    "stereo": (
        "STEREO",
        "stereo",
        "STEREO, Nature 613 (2023) 257, arXiv:2210.07664, HEPData 132368 (version 2)",
    ),
}


def load(name: str, setting: Setting) -> CellSpectra:
    """Make one of them from the user's data folder.

    Raises:
        InputError: If its folder is not there, or what it holds is not whole.
    """
    title, folder, source = RELEASES[name]
    path = find(setting.data, folder)
    if path is None:
        raise InputError(
            f"{name}: needs {source}; lay it out in DIR/{folder} "
            "(docs/sterile-experiments.md) and name DIR with --data or PONTECORVO_DATA"
        )
    return CellSpectra(name, title, source, read_cells(path), packet_width(setting, name))


def is_there(folder: str, data: Path | None) -> bool:
    """Whether the data folder in force holds a release."""
    return find(data, folder) is not None


EXPERIMENTS = tuple(
    Declaration(
        name,
        title,
        partial(load, name),
        order=order,
        groups=("reactor-spectra", "reactors"),
        needs=f"{source}, laid out in a data folder (--data DIR)",
        options={"wave_packet": WAVE_PACKET},
        present=partial(is_there, folder),
        released=(
            Released(
                folder,
                f"{title}: spectra by cell, covariance, response",
                f"the experiment {name} is not available",
                source,
                read_cells,
            ),
        ),
    )
    for order, (name, (title, folder, source)) in zip((152, 154), RELEASES.items(), strict=True)
)
