"""The phone process: wire messages, server loop, client, supervision and re-attach."""
