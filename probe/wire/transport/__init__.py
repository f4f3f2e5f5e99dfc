"""Asking one server one question: UDP, TCP, DoT and DoH."""
