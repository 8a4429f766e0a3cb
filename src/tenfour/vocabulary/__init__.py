"""Shared words: ids, places, numbers, codes, the event envelope, errors. Imports nothing of Tenfour."""
