"""Options that the sterile commands share, and what they mean."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from ..experiment_registry import Setting

Command = TypeVar("Command", bound=Callable[..., object])


class UserPath(click.ParamType):
    """A path as the user means it: ``~`` is home in ``--out=~/x`` too, where no shell helps."""

    name = "path"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """As a `Path`; an empty one is refused."""
        if not str(value).strip():
            self.fail("is empty; give a path", param, ctx)
        return Path(os.path.expanduser(str(value)))


def axes_option(command: Command) -> Command:
    """Add --axes to a command."""
    return click.option(
        "--axes",
        default="sin2-2theta",
        show_default=True,
        help="Coordinates: sin2-2theta (and dm2), or ue4-m4 (|U_e4|^2 and m_4).",
    )(command)


def setting_options(command: Command) -> Command:
    """Add --flux, --data, --gallium-cross-section and --option to a command."""
    for option in (
        click.option(
            "--option",
            "options",
            multiple=True,
            metavar="NAME=VALUE",
            help="Setting of one experiment, such as energy_scale=gaussian; may be repeated.",
        ),
        click.option(
            "--gallium-cross-section",
            type=click.FloatRange(0.0, 0.5),
            default=0.02,
            show_default=True,
            help="Relative uncertainty common to all gallium experiments.",
        ),
        click.option(
            "--data",
            type=UserPath(),
            default=None,
            help="Folder with released data that does not ship (default: PONTECORVO_DATA).",
        ),
        click.option(
            "--flux",
            default="hm",
            show_default=True,
            help="Reactor flux model: hm, sm, hkss, kurchatov or dayabay.",
        ),
    ):
        command = option(command)
    return command


def make_setting(
    flux: str, data: Path | None, gallium_cross_section: float, options: tuple[str, ...]
) -> "Setting":
    """The setting that the options describe.

    Raises:
        InputError: If an option is malformed, the flux unknown or the folder missing.
    """
    from ....base.errors import InputError
    from ..data_folder import folder_of
    from ..experiment_registry import Setting

    pairs = []
    for text in options:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise InputError(f"--option {text}: must read NAME=VALUE")
        pairs.append((name.strip(), value.strip()))
    return Setting(flux, folder_of(data), gallium_cross_section, tuple(pairs))
