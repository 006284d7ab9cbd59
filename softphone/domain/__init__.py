"""Values and rules of the phone; standard library only, no I/O, threads, clock or Qt."""
