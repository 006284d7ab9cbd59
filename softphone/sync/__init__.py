"""The client side of synchronisation: one write-read loop over the outbox."""
