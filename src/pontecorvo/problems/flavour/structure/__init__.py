"""What structure is in the Yukawas: posterior against prior draws."""
