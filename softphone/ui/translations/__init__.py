"""Catalogues: one JSON file a language, English text to translation."""
