"""Use cases, the ports they need and the read model the window shows."""
