"""The lift: a flow that contracts observables towards their measured values, with its density."""
