"""The reference sync server: entries, tombstones, witness; never a name or a number."""
