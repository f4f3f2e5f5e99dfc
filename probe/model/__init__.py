"""Frozen values in the field's words, and the ports through which the rooms meet. No decisions, no input or output."""
