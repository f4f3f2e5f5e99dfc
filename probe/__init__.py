"""Cutover Probe: watches DNS while domains move from one EKS cluster (v1) to another (v2)."""

__version__ = "0.1.0"
