"""What follows from draws: masses, phases, rates, structure."""
