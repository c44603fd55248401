"""The demonstration: the whole loop played through the doors that people use, told step by step by `cli/demo.py`."""
