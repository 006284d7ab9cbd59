"""Item models over the read model."""
