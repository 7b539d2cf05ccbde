"""The region of a truncated round, tabulated for charts (`plane_chart.Within`).

In a round simulations come from the prior restricted to a region. The posterior of each of them
then ends where the region does, and a network that works in the data's chart would have to learn
an edge that lies elsewhere in each chart; what it has not learned it smears over the measured data.
So charts are restricted as well, and the edge is theirs. The measured data's posterior lies inside
but for the share that the truncation leaves out.
"""

import numpy as np
from scipy.ndimage import map_coordinates

from ....sbi.truncation import Region
from .plane_chart import INNER, PlaneChart, Within
from .plane_flows import LOG_AREA
from .simulated import to_cube

GRID = 32
"""The networks' departure from the chart is smooth in it: asked at this many cells a side."""
FAR = 100.0


def tabulated(region: Region, chart: PlaneChart, one: np.ndarray) -> Within:
    """Tabulate a region on a lattice laid where the measured data's posterior is.

    Args:
        region: Of estimators in the prior's cube, and the measured data.
        chart: Of the whole prior.
        one: The measured data's map (1, G).
    """
    plane = chart.lattice(one[0], (int(INNER[0]), int(INNER[1])))
    nodes, every = to_cube(plane.points), chart.to_unit(one, plane.points[None])
    place = every.points[0].T * GRID - 0.5
    centres = (np.indices((GRID, GRID)).reshape(2, -1).T + 0.5) / GRID
    few = chart.from_unit(one, centres[None])
    margin = np.full(len(nodes), FAR)
    for cut in region.cuts:
        own = cut.estimator.log_density(to_cube(few.points[0]), region.observed)
        more = np.clip(own - few.log_density[0] - LOG_AREA, -FAR, FAR).reshape(GRID, GRID)
        log_q = every.log_density[0] + LOG_AREA
        log_q += map_coordinates(more, place, order=1, mode="nearest")
        boxed = np.all((nodes >= cut.low) & (nodes <= cut.high), axis=1)
        above = np.clip(log_q - cut.log_threshold, -FAR, FAR)
        margin = np.minimum(margin, np.where(boxed, above, -FAR))
    return Within(plane.x.values, plane.y.values, plane.map(margin))
