"""Live data: one upstream stream, many listeners, each update encoded once."""
