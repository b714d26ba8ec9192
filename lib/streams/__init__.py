"""Venues' live streams: what their frames say, and one reader that keeps a connection alive."""
