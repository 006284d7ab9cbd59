"""Encrypted storage: key slots, SQLCipher, age recordings, audit log, erasure."""
