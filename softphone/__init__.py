"""A SIP desktop softphone that can prove what happened to every recording."""

__version__ = "0.1.0"
