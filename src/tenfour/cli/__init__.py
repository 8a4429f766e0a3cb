"""The `tenfour` command."""
