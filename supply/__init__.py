"""What we are made of and what is known against it: `python -m supply.sbom`, `python -m
supply.audit`."""
