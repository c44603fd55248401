"""Ways to reach a recipient: one module per way. All of them fail in the two manners of `failures.py`."""
