"""How often a weighted record leads to v2, and how sure that is."""
