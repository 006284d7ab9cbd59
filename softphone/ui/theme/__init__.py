"""Colours by role, the style sheet made of them, icons, and the light or dark choice."""
