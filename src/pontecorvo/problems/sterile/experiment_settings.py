"""What the studies of the sterile experiments have in common: which data, read how."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ...base.errors import InputError
from ...base.yaml_files import FilePath, Number
from ...core.settings import StudySettings
from .data_folder import NONE, folder_of
from .discovery import present_names
from .experiment import Flux
from .experiment_registry import Setting, expand
from .groups import present_members
from .joint import JointLikelihood

DEFAULT = "default"
"""Among the experiments of a study: those of the default run."""


def split_commas(value: Any) -> Any:
    """A list of names from a command line; anything else as it is."""
    return value.split(",") if isinstance(value, str) else value


class ExperimentSettings(StudySettings):
    """Which experiments a study fits, and what is chosen for all of them at once."""

    experiments: list[str] = Field(
        default_factory=lambda: [DEFAULT],
        min_length=1,
        description="names or groups; default: all that ships, and what is installed or in `data`",
    )
    flux: Flux = Field("hm", description="reactor flux model")
    data: Literal["none"] | FilePath | None = Field(
        None,
        union_mode="left_to_right",
        description="folder with released data that does not ship; none: no folder; "
        "by default PONTECORVO_DATA",
    )
    gallium_cross_section: Number = Field(0.02, ge=0, le=0.5)
    options: dict[str, str] = Field(
        default_factory=dict, description="of single experiments, such as energy_scale: gaussian"
    )

    _names = field_validator("experiments", mode="before")(split_commas)

    @model_validator(mode="after")
    def _present(self) -> "ExperimentSettings":
        """What stands for the default run, or is a set, becomes the names that are there."""
        try:
            folder = folder_of(self.data)
        except InputError:  # refused with its own sentence where the folder is used
            folder = None
        names = (
            present_names(folder) if n == DEFAULT else present_members(n, folder) or (n,)
            for n in self.experiments
        )
        object.__setattr__(self, "experiments", [one for several in names for one in several])
        return self

    def build_setting(self) -> Setting:
        """What is chosen for all experiments at once."""
        return Setting(
            self.flux,
            folder_of(self.data),
            self.gallium_cross_section,
            tuple(self.options.items()),
        )

    def build_joint(self) -> JointLikelihood:
        """The experiments, read, as one likelihood."""
        return JointLikelihood.load(expand(self.experiments), self.build_setting())

    def in_force(self) -> dict[str, Any]:
        """Every setting as plain types, the data folder as it was found."""
        plain = dict(self.model_dump(mode="json"))
        folder = folder_of(self.data)
        plain["data"] = NONE if folder is None else str(folder.resolve())
        plain["experiments"] = expand(self.experiments)
        return plain
