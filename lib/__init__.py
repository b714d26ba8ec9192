"""Feeds, providers and the highway: where every value the service serves comes from."""
