"""The faults of tests/faults.py on real parts: a clear diagnosis, callers reach the queue, nothing is half-written."""
