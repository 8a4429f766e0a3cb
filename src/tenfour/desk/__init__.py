"""The desk: HTTP API, live feed, permissions; serves the web pages."""
