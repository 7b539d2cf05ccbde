"""Explorers without a network: of a toy whose posterior is known, and of a toy plane."""

import http.client
import json
import threading
from contextlib import contextmanager
from typing import ClassVar

import numpy as np

from pontecorvo.base.errors import InputError
from pontecorvo.core.exploration import Exploration, Forecast, Part, PlaneAnswer
from pontecorvo.core.measurement import Measured
from pontecorvo.core.model_file import problem_of
from pontecorvo.core.quantity import Quantity
from pontecorvo.explore.explorer import Explorer
from pontecorvo.explore.plane_explorer import PlaneExplorer
from pontecorvo.explore.sources import RunSource
from pontecorvo.study.finished_run import open_run
from weighted_run import OneNumber, finished, normal

HOSTILE = "=<script>alert(1)</script>"


class TwoNumbers(OneNumber):
    """The same, its angle an observable too."""

    observables = OneNumber.prediction_quantities

    def forward(self, theta):
        return theta.copy()


class ToyExplorer(Explorer):
    """The run of `weighted_run`, with a forecast, and columns whose names are hostile."""

    def __init__(self, problem, source):
        super().__init__(problem, source, "toy.py", "a toy")
        self.exploration = Exploration(
            panels=("x", HOSTILE),
            pairs=(("x", HOSTILE),),
            forecasts=[Forecast("better", HOSTILE, {"x": (0.2, 0.2)}, HOSTILE)],
            optional=(Measured("angle", 1.0, 0.4, period=2 * np.pi),),
            columns=lambda theta: {
                HOSTILE: (theta[:, 0] ** 2, Quantity(HOSTILE, "<b>", "+unit", HOSTILE))
            },
        )


def toy_problem():
    kind = problem_of(TwoNumbers(), normal(), "toy.py")
    return kind(kind.Settings(study="toy.py"))


def toy_explorer(folder, draws=4000):
    problem = toy_problem()
    return ToyExplorer(problem, RunSource(open_run(finished(folder, draws)), problem))


class ToyBoard:
    """Two circles on a plane; with both on, the region is what they share."""

    parts = (Part("one", "One", "Circles"), Part("two", HOSTILE, "Circles", False))
    axes = (Quantity("s", "s"), Quantity("d", "d", "eV"))
    ranges = ((-2.0, 0.0), (-1.0, 1.0))
    methods: ClassVar = {"wilks": "Wilks"}
    levels = (0.95,)
    notes = ("a note",)
    warmed = 0

    def warm(self, advance):
        self.warmed += 1
        advance(2)

    def answer(self, on, methods, levels):
        if not on:
            raise InputError("no part is on; switch one on")
        angle = np.linspace(0, 2 * np.pi, 60)
        ring = np.stack([-1 + 0.5 * np.cos(angle), 0.5 * np.sin(angle)], axis=1) / len(on)
        return PlaneAnswer(
            [(m, x, ring) for m in methods for x in levels], (-1.0, 0.0), [("n", "1")]
        )

    def study(self, on):
        return {"study": "toy", "experiments": list(on)}

    def commands(self, on, methods):
        return [f"pontecorvo contour --experiments {','.join(on)}"]


def toy_plane():
    return PlaneExplorer(toy_problem(), ToyBoard(), "toy")


@contextmanager
def served(explorer, token=None, host="127.0.0.1"):
    """A running server; gives its port."""
    import uvicorn

    from pontecorvo.explore.guard import is_loopback
    from pontecorvo.explore.server import listening
    from pontecorvo.explore.web import make_app

    where, up = listening("127.0.0.1", 0), threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            up.set()

    app = make_app(explorer, is_loopback(host), token)
    server = Server(uvicorn.Config(app, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [where]}, daemon=True)
    thread.start()
    assert up.wait(20)
    try:
        yield where.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        where.close()


def ask(port, path, content=None, method=None, **headers):
    """One request; gives the status, the headers and the body."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = None
    if content is not None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content-Type": "application/json", **headers}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    link.request(method or ("GET" if body is None else "POST"), path, body, named)
    answer = link.getresponse()
    found = answer.status, answer.headers, answer.read()
    link.close()
    return found


def two_sources_by_quadrature(total0, total_error, asymmetry0, asymmetry_error):
    """Log-evidence, and posterior means of p and r, of `examples/chart_model.py`."""
    axes = [np.linspace(0, 1, 201)] * 2 + [np.linspace(-5, 5, 121)]
    p, q, r = np.meshgrid(*axes, indexing="ij")
    total, asymmetry = p + q, (p - q) * np.exp(0.3 * r)
    chi2 = ((total - total0) / total_error) ** 2
    chi2 += ((asymmetry - asymmetry0) / asymmetry_error) ** 2
    weight = np.exp(-0.5 * chi2 - 0.5 * r**2) / (2 * np.pi) ** 1.5 / total_error / asymmetry_error
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    mean = [(weight * x).sum() / weight.sum() for x in (p, r)]
    return np.log(weight.sum() * cell), *mean
