"""The story player. It knows only the front doors."""
