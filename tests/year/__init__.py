"""A simulated year of duties, and the same year kept by hand. `python -m tests.year` runs a long one."""
