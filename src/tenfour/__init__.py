"""Tenfour: an open 911 centre."""
