"""The option of every experiment that oscillates: the width of the neutrinos' wave packets."""

from ...base.errors import InputError
from .declaration import Option
from .experiment_registry import Setting

PLANE_WAVES = "none"
WAVE_PACKET = Option(
    (PLANE_WAVES, "2.1e-4"),
    "width sigma_x in nm of the neutrinos' wave packets, or none for plane waves",
    number=True,
    unit="nm",
)


def packet_width(setting: Setting, experiment: str) -> float | None:
    """sigma_x [nm] that was chosen for an experiment; None for plane waves.

    Raises:
        InputError: If it is zero.
    """
    value = setting.choice("wave_packet", experiment)
    if value == PLANE_WAVES:
        return None
    if float(value) == 0:
        raise InputError("option wave_packet=0: give a width in nm above zero, or none")
    return float(value)
