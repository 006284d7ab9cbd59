"""Peers started on loopback for the demo and the integration tests."""
