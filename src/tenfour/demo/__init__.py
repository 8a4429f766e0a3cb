"""The demo centre: an invented county on real streets."""
