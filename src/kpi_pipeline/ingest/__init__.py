"""Files in: what the exports folder holds becomes typed rows, once."""
