"""Settings of `pontecorvo run founding-paper`: what the paper states, and what is assumed.

Stated by arXiv:2503.21432: pairs, their split, T, updates, batch, OneCycleLR, the fraction of
dropped labels, guidance, ancestral steps, the shape of the network. Everything else is assumed, and
its description says so. By default the recipe is repaired where following it to the letter goes
wrong (docs/founding-paper.md: what, and by how much); `reading: literal` is the letter,
`reading: recommended` what is best without Casas-Ibarra coordinates.
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
    "network": {"updates": 20_000},
    "generation": {"sampler": "ddim", "steps": 25},
    "transfer": {"rounds": 1, "generated": 20_000, "least": 3000, "updates": 4000},
}
_LITERAL: dict[str, dict[str, Any]] = {
    "network": {"null_label": "zeros"},
    "generation": {"guidance": 8.0, "sampler": "ancestral", "steps": 1000, "clip": "none"},
    "transfer": {
        "rounds": 1,
        "generated": 50_000,
        "start": "first",
        "guidance": 8.0,
        "cut": "chi2",
        "in_prior": False,
        "least": 2000,
        "updates": 100_000,
    },
}
_RECOMMENDED: dict[str, dict[str, Any]] = {
    "network": {"updates": 20_000},
    "generation": {"steered": "observables"},
    "transfer": {"rounds": 0},
}
_FAST_RECOMMENDED: dict[str, dict[str, Any]] = {"network": {"updates": 10_000}}
_SHORT_TRANSFER = {"generated": 20_000, "updates": 4000, "least": 2000}
_READINGS: dict[str, dict[str, dict[str, Any]]] = {
    "repaired": {},
    "literal": _LITERAL,
    "recommended": _RECOMMENDED,
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
    dropout: Number = Field(0.1, gt=0, lt=1, description="of labels (stated)")
    null_label: Literal["zeros", "apart", "learned"] = Field(
        "apart",
        description="what a dropped label becomes: zeros of centred labels (stated: zeros; so the "
        "null label is the average label), zeros of labels that are not centred, or a learned one "
        "with a flag",
    )

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

    guidance: Number = Field(1.0, ge=0, le=100, description="scale (stated: 8)")
    interval: tuple[Number, Number] = Field(
        (0.0, 1.0), description="part of the denoising time, 0 data to 1 noise, in which it acts"
    )
    sampler: Literal["ancestral", "ddim"] = Field("ddim", description="stated: ancestral")
    steps: Whole = Field(50, ge=1, le=100_000, description="stated: 1000")
    clip: Literal["none", "box", "dynamic"] = Field(
        "box", description="how estimates of the parameters are kept in the prior (assumed: none)"
    )
    steered: Literal["none", "observables", "labels"] = Field(
        "none",
        description="beyond the paper: every step is corrected by the seesaw map and its "
        "derivatives (pseudo-inverse guidance), towards the five observables within their errors, "
        "or L* itself",
    )
    beyond: Whole = Field(
        200,
        ge=0,
        le=1_000_000,
        description="draws of the last network that are steered and mended for comparison; 0: none",
    )
    scan: tuple[Number, ...] = Field(
        (),
        max_length=64,
        description="scales at which the last network's acceptance is measured too",
    )
    scanned: Whole = Field(100_000, ge=100, le=100_000_000, description="draws of each")
    centre: Literal["midpoints", "best-fit"] = Field(
        "midpoints",
        description="the moduli of L*: of NuFIT's 3 sigma ranges, or best fit (assumed)",
    )


class FoundingTransfer(BaseModel):
    """The "transfer learning"; all its numbers are assumed."""

    model_config = ConfigDict(extra="forbid")

    rounds: Whole = Field(4, ge=0, le=100, description="0: none")
    generated: Whole = Field(100_000, ge=10, description="draws made for each round")
    guidance: Number = Field(1.0, ge=0, le=100, description="scale at which they are made")
    updates: Whole = Field(15_000, ge=10, description="of each round")
    start: Literal["first", "last"] = Field(
        "last", description="weights to start from (stated: the first network's)"
    )
    cut: Literal["quantile", "chi2"] = Field(
        "quantile", description="how points are chosen: by quantiles, or the three numbers below"
    )
    quantile: Number = Field(0.1, gt=0, le=1, description="of either chi-square")
    in_prior: bool = Field(True, description="learn again from points inside the prior only")
    chi2: Number = Field(1e5, gt=0, description="largest, all labels")
    chi2_masses: Number = Field(100.0, gt=0, description="largest, the two mass labels")
    chi2_mixings: Number = Field(1000.0, gt=0, description="largest, the nine mixing labels")
    least: Whole = Field(10_000, ge=1, description="fewest kept; else the cuts are doubled")


class FoundingSettings(StudySettings):
    """Everything that decides a run of the founding paper's recipe."""

    study: Literal["founding-paper"] = "founding-paper"
    fast: bool = Field(
        False,
        description="fewer updates, for a coffee break; the recommended reading, unless another is "
        "given, since the others accept less than a short run can show",
    )
    reading: Literal["repaired", "literal", "recommended"] = Field(
        "repaired",
        description="literal: the paper's letter, where it goes wrong too; recommended: "
        "draws steered by the seesaw map, and transfer learning in inverted ordering only",
    )
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
    def _presets(cls, content: Any) -> Any:
        """What `reading` and `fast` change, where the settings do not say otherwise."""
        if not isinstance(content, dict):
            return content
        content = dict(content)
        fast = content.get("fast") is True
        if fast:  # the letter and its repair accept too little for a short run to show any of it
            content.setdefault("reading", "recommended")
        reading = str(content.get("reading", "repaired"))
        presets = [_READINGS.get(reading, {})]
        if fast:
            presets.append(_FAST_RECOMMENDED if reading == "recommended" else _FAST)
        if reading == "recommended" and content.get("ordering") == "io":
            # L* lies so deep in the prior's tail that steering alone starts too far off (measured)
            presets = [{k: v for k, v in preset.items() if k != "transfer"} for preset in presets]
            presets.append({"transfer": _SHORT_TRANSFER if fast else {}})
        for preset in presets[::-1]:
            for section, changes in preset.items():
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
            **generation.model_dump(exclude={"centre"}),
            transfers=transfer.rounds,
            generated=transfer.generated,
            transfer_guidance=transfer.guidance,
            transfer_updates=transfer.updates,
            transfer_from=transfer.start,
            selection=Selection(
                transfer.cut,
                transfer.quantile,
                transfer.in_prior,
                transfer.chi2,
                transfer.chi2_masses,
                transfer.chi2_mixings,
                transfer.least,
            ),
        )
