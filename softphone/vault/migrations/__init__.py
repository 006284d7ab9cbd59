"""Numbered SQL files; each one brings a vault from the version before to its own number."""
