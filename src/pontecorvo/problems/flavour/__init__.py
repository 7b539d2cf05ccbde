"""What models of lepton flavour share: measurements, conventions, predictions."""
