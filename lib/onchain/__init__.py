"""Addresses on chains: whether they can exist, and whose they are."""
