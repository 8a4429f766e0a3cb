"""Location: PIDF-LO, fixes and their uncertainty, the doors inside a circle."""
