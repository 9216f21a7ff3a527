"""Workloads that print figures, each beside what the bare database and plain Python need for the same.

Run ``python -m bench``.
"""
