"""What was measured: numbers with their sources, and the loaders that check them."""
