"""NEOS: prompt spectrum over the expectation from the spectrum of Daya Bay's EH1.

Recipe of Berryman & Huber, arXiv:2005.01756: the double ratio (NEOS / NEOS without oscillation) /
(EH1 / EH1 with three flavours) at 23.69 m, 70 bins of 0.1 MeV of which 60 are compared, NEOS'
energy scale free within 0.5 %. The covariance is read from a data folder where one is given;
without it the 60 shipped uncertainties are joined by a correlation built from the flux and the
energy scale of Daya Bay and the statistics of NEOS (`approximate_covariance`).
"""

import numpy as np

from ....base.tables import read_covariance
from ....physics.oscillation import ThreeFlavour
from ....physics.reactor import shift_energy_scale
from ..data_folder import find
from ..declaration import Declaration, Released
from ..experiment import Array, Block, check_points
from ..experiment_registry import Setting
from ..reactor_tables import AVERAGING, cell_length, detector_sin2, shipped_sin2
from ..scale import ENERGY_SCALE, ScaleExperiment, fixed_shifts
from ..shipped_tables import shipped_table
from ..spectral_ratio import SPECTRAL_FLUX
from ..spectrum import WIDTH, Sampling, Spectrum, factors
from ..templates import FINE_STEP, FINEST_STEP, Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width
from .neos_covariance import approximate_covariance

SAMPLING = Sampling(401, 0.0, 10.0, 70, 1.78, 8.78, (0.0, 0.001581, 0.00012))
DAYABAY = Sampling(453, 1.48, 12.78, 226, 1.48, 12.78, (0.0068, 0.0022, 0.000011))
FRACTIONS = (0.655, 0.072, 0.235, 0.038)
# detectors of EH1: distance-weighted exposures, efficiency x power x mass / L^2
EH1 = {
    "dayabay-eh1-ad1": 0.8050 * 19.941 / 568.335**2,
    "dayabay-eh1-ad2": 1.12256 * 0.8013 * 19.967 / 563.257**2,
}
USED = 60
COVARIANCE_FILE = "reactor/spectral_ratio_neos_covariance.csv"


class Neos(ScaleExperiment):
    """The double ratio in 60 bins of prompt energy, 1 to 7 MeV."""

    name = "neos"
    title = "NEOS / Daya Bay"
    source = "NEOS, PRL 118 (2017) 121802, arXiv:1610.05134; compiled in arXiv:2005.01756"
    licence = "figures from the paper, compiled by Berryman & Huber"
    scale_names = ("neos energy scale",)
    scale_sigma = np.array([0.005])
    nodes = np.linspace(-1, 1, 5)[None, :, None]
    path_weights = np.ones(1)

    def __init__(self, setting: Setting) -> None:
        self.set_prior(setting.choice("energy_scale", self.name))
        table = shipped_table("neos.csv", positive=("ratio", "sigma"))
        self.data = table["ratio"]
        averaging, packets = (
            setting.choice("averaging", self.name),
            packet_width(setting, self.name),
        )
        step = FINEST_STEP if averaging == "compiled" else FINE_STEP
        axis = dm2_axis(step=step)
        what = [repr(SAMPLING), repr(DAYABAY), FRACTIONS, EH1]

        def kept(axis: Array, three: ThreeFlavour | None = None) -> dict[str, Array]:
            key = [averaging, *what, axis, packets, repr(three), WIDTH]
            return tabulate("neos", key, lambda: self._compute(axis, averaging, packets, three))

        tables = kept(axis, ThreeFlavour())
        self._templates = Templates(axis, tables["counts"], lambda axis: kept(axis)["counts"][:, 2])
        shifts = (self.nodes * self.scale_sigma).ravel()
        self._shift = fixed_shifts(
            shifts, SAMPLING.bins, SAMPLING.first, SAMPLING.last, slice(0, USED)
        )
        self._unoscillated, self._three_flavour = tables["neos_0"], tables["eh1_0"]
        edges = np.linspace(1, 7, USED + 1)
        self.blocks = (
            Block("NEOS / Daya Bay", slice(0, USED), edges, x="prompt energy [MeV]", y="ratio"),
        )
        path = find(setting.data, COVARIANCE_FILE)
        self.released_covariance = path is not None
        if path is not None:
            self._covariance = read_covariance(path, USED)
            self.notes = ("covariance: the released matrix",)
        else:
            middle = (edges[1:] + edges[:-1]) / 2
            self._covariance = approximate_covariance(table["sigma"], self._unoscillated, middle)
            self.notes = (
                "covariance: 60 uncertainties and a correlation built from flux and energy scale; "
                "chi2 less that without oscillation is within 0.12 (median, 5.0 at most) of that "
                "with the released matrix, inside 99 %",
            )

    @staticmethod
    def _compute(
        axis: Array, averaging: str, packets: float | None, three: ThreeFlavour | None
    ) -> dict[str, Array]:
        model, sampling = SPECTRAL_FLUX, SAMPLING.with_packets(packets)
        neos = Spectrum(sampling, shipped_sin2("neos", "neos"), model, FRACTIONS).templates(axis)
        eh1 = np.zeros((len(axis), 3, USED))
        for detector, norm in EH1.items():
            spectrum = Spectrum(
                DAYABAY.finer(averaging).with_packets(packets),
                detector_sin2(detector, averaging),
                model,
                FRACTIONS,
                norm,
                three,
                cell_length(detector, averaging),
            ).templates(axis)
            # 0.05 MeV bins in pairs, from 1 MeV prompt
            eh1 += spectrum[:, :, 6 : 6 + 2 * USED].reshape(len(axis), 3, USED, 2).sum(axis=3)
        return {
            "counts": np.concatenate([neos, eh1], axis=2),
            "neos_0": neos[0, 0],
            "eh1_0": eh1[0, 0] + eh1[0, 1],
        }

    def shifted(self, s22: Array, dm2: Array, shifts: Array) -> Array:
        """Double ratios (N, ..., 60), NEOS shifted in numerator and denominator."""
        s22, dm2 = check_points(s22, dm2)
        counts = self._templates(factors(s22), dm2)
        extra = (1,) * (np.ndim(shifts) - 2)
        low, high, bins = SAMPLING.first, SAMPLING.last, SAMPLING.bins
        here = counts[:, :bins].reshape(len(s22), *extra, bins)
        neos = shift_energy_scale(shifts[..., 0], here, low, high)
        expected = np.broadcast_to(self._unoscillated, (*shifts.shape[:-1], bins))
        expected = shift_energy_scale(shifts[..., 0], expected, low, high)
        dayabay = (self._three_flavour / counts[:, bins:]).reshape(len(s22), *extra, USED)
        return neos[..., :USED] / expected[..., :USED] * dayabay

    def paths(self, s22: Array, dm2: Array) -> Array:
        """Double ratios (N, 1, J, 60) on the nodes, by one product."""
        s22, dm2 = check_points(s22, dm2)
        counts = self._templates(factors(s22), dm2)
        bins = SAMPLING.bins
        ratio = self._shift(counts[:, :bins])
        ratio /= self._shift(self._unoscillated[None])
        ratio = ratio.reshape(len(s22), *self.nodes.shape[:2], self.size)
        ratio *= (self._three_flavour / counts[:, bins:])[:, None, None]
        return ratio


EXPERIMENTS = (
    Declaration(
        "neos",
        Neos.title,
        Neos,
        order=60,
        groups=("reactor-spectra", "reactors"),
        options={
            "energy_scale": ENERGY_SCALE,
            "averaging": AVERAGING,
            "wave_packet": WAVE_PACKET,
        },
        released=(
            Released(
                COVARIANCE_FILE,
                "NEOS / Daya Bay covariance, 60 x 60",
                "NEOS works with its 60 uncertainties and a correlation built from flux and "
                "energy scale",
                "the files of GLoBESfit, github.com/JMBerryman/GLoBESfit (it prints the inverse)",
                lambda path: read_covariance(path, USED),
            ),
        ),
    ),
)
