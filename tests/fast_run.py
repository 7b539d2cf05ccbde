"""Settings of a run that takes a second; too short to have converged, which no test needs."""

FAST = "draws: 200\nmethod: exact\nsampler: {proposals: 65536, max_steps: 100}\n"
