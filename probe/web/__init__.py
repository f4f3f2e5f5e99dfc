"""Telling over HTTP: status page, JSON API, health and reload, in a thread of its own."""
