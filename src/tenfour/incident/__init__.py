"""Incident: the record of one happening, from the first word to the disposition."""
