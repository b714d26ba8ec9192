"""How upstreams write: their names, numbers, times, rows and documents, read without guessing."""
