"""Settings of `pontecorvo run founding-paper`: what the paper states, and what is assumed.

Stated by arXiv:2503.21432: pairs, their split, T, updates, batch, OneCycleLR, the fraction of
dropped labels, guidance, ancestral steps, the shape of the network. Everything else is assumed, and
its description says so.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...base.yaml_files import Number, Whole
from ...core.settings import StudySettings
from ...core.target import Target
from ..flavour.nufit import nufit
from ..seesaw.model import Seesaw, SeesawPrior
from ..seesaw.prior_settings import PriorSettings
from .labels import Labels, Selection
from .recipe import Recipe

_FAST: dict[str, dict[str, Any]] = {
    "network": {"updates": 6000},
    "generation": {"sampler": "ddim", "steps": 50},
    "transfer": {"generated": 20_000},
}


class FoundingNetwork(BaseModel):
    """Network, diffusion and training."""

    model_config = ConfigDict(extra="forbid")

    widths: tuple[Whole, ...] = Field(
        (512, 256, 128, 64, 128, 256, 512),
        min_length=7,
        max_length=7,
        description="of H1..H7, narrowest in the middle (shape stated, numbers assumed)",
    )
    times: Whole = Field(1000, ge=2, le=100_000, description="T (stated)")
    beta_first: Number = Field(1e-4, gt=0, lt=1, description="assumed")
    beta_last: Number = Field(0.02, gt=0, lt=1, description="assumed")
    updates: Whole = Field(100_000, ge=10, description="of every training (stated)")
    batch: Whole = Field(64, ge=1, description="stated")
    learning_rate: Number = Field(1e-3, gt=0, le=1, description="largest, of OneCycleLR (assumed)")
    dropout: Number = Field(0.1, gt=0, lt=1, description="of labels, set to zero (stated)")

    @model_validator(mode="after")
    def _ascending(self) -> "FoundingNetwork":
        if not self.beta_first < self.beta_last:
            raise ValueError(
                f"beta_first {self.beta_first} must be below beta_last {self.beta_last}"
            )
        return self


class FoundingGeneration(BaseModel):
    """Generation at L*."""

    model_config = ConfigDict(extra="forbid")

    guidance: Number = Field(8.0, ge=0, le=100, description="scale (stated)")
    sampler: Literal["ancestral", "ddim"] = Field("ancestral", description="stated")
    steps: Whole = Field(1000, ge=1, le=100_000, description="stated")
    centre: Literal["midpoints", "best-fit"] = Field(
        "midpoints",
        description="the moduli of L*: of NuFIT's 3 sigma ranges, or best fit (assumed)",
    )


class FoundingTransfer(BaseModel):
    """The "transfer learning"; all its numbers are assumed."""

    model_config = ConfigDict(extra="forbid")

    rounds: Whole = Field(1, ge=0, le=100, description="0: none")
    generated: Whole = Field(50_000, ge=10, description="draws made for each round")
    chi2: Number = Field(1e5, gt=0, description="largest, all labels")
    chi2_masses: Number = Field(100.0, gt=0, description="largest, the two mass labels")
    chi2_mixings: Number = Field(1000.0, gt=0, description="largest, the nine mixing labels")
    least: Whole = Field(2000, ge=1, description="fewest kept; else the cuts are doubled")


class FoundingSettings(StudySettings):
    """Everything that decides a run of the founding paper's recipe."""

    study: Literal["founding-paper"] = "founding-paper"
    fast: bool = Field(False, description="fewer updates and steps, for a coffee break")
    method: Literal["founding-paper"] = "founding-paper"
    ordering: Literal["no", "io"] = "no"
    variant: Literal["with-sk", "without-sk"] = Field("with-sk", description="of NuFIT 6.0")
    prior: PriorSettings = PriorSettings()
    vev: Number = Field(174.1, gt=0, le=1e6, description="<H> in GeV (assumed value)")
    pairs: Whole = Field(100_000, ge=100, description="of parameters and labels (stated)")
    held_out: Number = Field(0.1, gt=0, lt=1, description="fraction to validate on (stated)")
    mass_labels: Literal["log10", "linear"] = Field(
        "log10", description="how the splittings are told to the network (assumed)"
    )
    network: FoundingNetwork = FoundingNetwork()  # type: ignore[assignment]  # its own kind
    generation: FoundingGeneration = FoundingGeneration()
    transfer: FoundingTransfer = FoundingTransfer()
    draws: Whole = Field(10_000, ge=100, le=100_000_000)

    @model_validator(mode="before")
    @classmethod
    def _fast(cls, content: Any) -> Any:
        """What `fast` changes, where the settings do not say otherwise."""
        if not isinstance(content, dict) or content.get("fast") is not True:
            return content
        content = dict(content)
        for section, changes in _FAST.items():
            given = content.get(section, {})
            if isinstance(given, dict):
                content[section] = {**changes, **given}
        return content

    @model_validator(mode="before")
    @classmethod
    def _norway(cls, content: Any) -> Any:
        # YAML reads a bare `no` as False
        if isinstance(content, dict) and content.get("ordering") is False:
            content = {**content, "ordering": "no"}
        return content

    def target(self) -> Target:
        """The seesaw, and the five observables of NuFIT that its draws are judged by."""
        prior = SeesawPrior(**self.prior.model_dump())
        return Target(Seesaw(self.ordering, prior, self.vev), nufit(self.ordering, self.variant))

    def labels(self, model: Seesaw) -> Labels:
        """The eleven labels."""
        return Labels(model, self.variant, self.mass_labels, self.generation.centre)

    def recipe(self) -> Recipe:
        """The numbers, as the engine takes them."""
        network, generation, transfer = self.network, self.generation, self.transfer
        return Recipe(
            pairs=self.pairs,
            held_out=self.held_out,
            **network.model_dump(),
            guidance=generation.guidance,
            sampler=generation.sampler,
            steps=generation.steps,
            transfers=transfer.rounds,
            generated=transfer.generated,
            selection=Selection(
                transfer.chi2, transfer.chi2_masses, transfer.chi2_mixings, transfer.least
            ),
        )
