"""Looking at what is declared and at the machine: check, doctor, scaffold, unit tests."""
