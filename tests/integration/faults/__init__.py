"""Faults, with real processes: each test disturbs one run, and the account at its end is that of one undisturbed."""
