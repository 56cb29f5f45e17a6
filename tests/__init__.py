"""The tests; what they all wait with."""

PATIENCE = 180
"""Seconds that a busy machine may take for anything; a test that waits so long has failed."""
