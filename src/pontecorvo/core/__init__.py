"""What everything else works on: quantities, priors, models, measurements, targets, problems."""
