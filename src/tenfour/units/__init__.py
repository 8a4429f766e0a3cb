"""Units: who can be sent, in which status, since when, where."""
