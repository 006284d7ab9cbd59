"""Workbooks and reports handed to people."""
