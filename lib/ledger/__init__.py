"""The record of what was said about the future, and of what came of it."""
