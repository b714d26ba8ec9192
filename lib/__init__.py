"""Feeds, providers and the highway: where every value the service serves comes from."""

VERSION = "2.0.0"
