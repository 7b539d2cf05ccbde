"""Whatever stands in a study file, the answer is a study or one sentence."""

import numpy as np
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo import InputError, Study, load_study
from pontecorvo.core.measurement_file import MeasurementFile, QuantityEntry
from pontecorvo.core.settings import SamplerSettings
from pontecorvo.problems.seesaw.prior_settings import OtherPrior
from pontecorvo.problems.seesaw.settings import PriorSettings, SeesawSettings

NAMES = st.sampled_from(["dm2_21", "dm2_3l", "sin2_theta12", "delta_cp", "m_ee", "theta"])
LIKELIHOODS = st.sampled_from(["gaussian", "two-piece", "box", "founding-box"])
WORDS = (
    NAMES | LIKELIHOODS | st.sampled_from(["no", "io", "smc", "nufit-6.0", "log-uniform", "deg"])
)
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, 1, -1, 1e-5, 0.5, 65536, 1e400, -1e-300])
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, st.text(max_size=5), st.dates())


def keys(*schemas):
    return st.sampled_from(sorted({name for schema in schemas for name in schema.model_fields}))


ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(WORDS | keys(PriorSettings, SamplerSettings), inner, max_size=3),
        st.dictionaries(keys(MeasurementFile, QuantityEntry), inner, max_size=3),
    ),
    max_leaves=8,
)
POSITIVE = st.floats(1e-9, 1)
GOOD = st.fixed_dictionaries({"central": POSITIVE, "sigma": POSITIVE})
QUANTITY = GOOD | st.dictionaries(keys(QuantityEntry), NUMBERS | LEAVES, max_size=4)
MEASUREMENT = st.fixed_dictionaries(
    {"quantities": st.dictionaries(NAMES, QUANTITY, max_size=3)},
    optional={
        "likelihood": LIKELIHOODS,
        "correlations": st.lists(st.tuples(NAMES, NAMES, st.floats(-1, 1)).map(list), max_size=2),
    },
)
OTHER = set(OtherPrior.model_fields) - {"name", "light"}
SENSIBLE = st.fixed_dictionaries(
    {},
    optional={
        "ordering": st.sampled_from([False, "no", "io"]),
        "measurement": MEASUREMENT,
        "likelihood": LIKELIHOODS,
        "vev": NUMBERS,
        "seed": st.integers(-1, 2**64),
        "prior": st.dictionaries(keys(PriorSettings), NUMBERS, max_size=2),
        "other_priors": st.lists(
            st.fixed_dictionaries(
                {"name": st.text(max_size=5)},
                optional={
                    "light": st.sampled_from(["yukawas", "masses", "haar"]),
                    **{key: NUMBERS for key in sorted(OTHER)},
                },
            ),
            max_size=3,
        ),
    },
)
STUDY = SENSIBLE | st.dictionaries(keys(SeesawSettings), ANYTHING, max_size=4)


def answer(path):
    try:
        assert isinstance(load_study(str(path)), Study)
    except InputError as error:
        sentence = str(error)
        assert sentence.startswith(str(path))
        assert "\n" not in sentence
        assert "pydantic" not in sentence


@settings(max_examples=300)
@given(content=STUDY)
def test_any_mapping(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    answer(path)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8")))
def test_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(content)
    answer(path)


SPLITTING = st.fixed_dictionaries({"central": st.floats(1e-6, 1e-2), "sigma": POSITIVE})
WIDE = st.floats(1e-30, 1e12)
OTHERS = st.dictionaries(
    st.sampled_from(["sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "abs_U_e1", "J"]),
    st.fixed_dictionaries({"central": st.floats(0, 1), "sigma": WIDE}),
    max_size=3,
)
OPTIONS = {
    "ordering": st.sampled_from(["no", "io"]),
    "vev": st.floats(1e-3, 1e6),
    "prior": st.fixed_dictionaries(
        {"yukawa": st.sampled_from(["uniform", "log-uniform"])},
        optional={"yukawa_max": st.floats(0.01, 1e3), "log10_M_max": st.floats(12.1, 30)},
    ),
}


@settings(max_examples=60)
@given(
    splittings=st.tuples(SPLITTING, SPLITTING),
    others=OTHERS,
    likelihood=st.sampled_from(["gaussian", "two-piece", "box"]),
    options=st.fixed_dictionaries({}, optional=OPTIONS),
)
def test_whatever_is_allowed_has_a_density(splittings, others, likelihood, options):
    """No odd but allowed measurement or prior makes the posterior infinite or not a number."""
    quantities = {"dm2_21": splittings[0], "dm2_3l": splittings[1], **others}
    measurement = {"likelihood": likelihood, "quantities": quantities}
    try:
        target = load_study("seesaw-no", measurement=measurement, **options).target
        charts = [target.chart, target.raw_chart]
    except InputError:
        return
    for chart in charts:
        density = target.log_posterior_in(chart, np.random.default_rng(0).random((128, chart.dim)))
        assert np.all(density < np.inf)  # -inf is outside; NaN is not below
