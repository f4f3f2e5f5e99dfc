"""Asking: DNS over UDP, TCP, TLS and HTTPS, and the walk that finds the authoritative servers."""
