"""Proof by fault: the real services, two of each, under a steady load, while something breaks.

load.py      hotlines that push, try again, and know what was acknowledged
link.py      a TCP link that can be cut or swallow everything
site.py      the system under test, what it holds, when it is quiet
faults.py    what breaks, as data
trial.py     one fault: load, break, mend, wait, reconcile
__main__.py  `make chaos`: all of them, one line each
"""
