"""Hostile input by the ten thousand: `python -m fuzz [--cases N] [--seconds S] [part…]`.

`parsers`, `streams` and `words` hand damaged input to pure functions; `asgi` and `http` let
schemathesis ask every operation of `/openapi.json`, in one process and over loopback. What they
find becomes a named test beside the tests of the module that was mended.
"""
