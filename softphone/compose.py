"""The composition root: the one module that imports every package."""
