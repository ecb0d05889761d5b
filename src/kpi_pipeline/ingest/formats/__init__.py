"""How files are read: unpacked and recoded first, then as the rows of their format."""
