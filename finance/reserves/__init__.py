"""Contingency and management reserve ahead: draws that are planned, and what was expected of them, kept as it was."""
