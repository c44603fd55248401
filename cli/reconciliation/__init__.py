"""`wenming reconcile`: what is to be equal (checks.py), how it came out (report.py), how it is asked (reading.py)."""
