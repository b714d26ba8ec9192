"""The scripts that make `lib/models` and print their figures."""
