"""The fault drill: the real server under a mixed load while everything around it is broken and
mended. `python -m drill`, or `make drill`; `docs/drill.md` has the last results."""
