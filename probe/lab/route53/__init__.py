"""A Route 53 that is strict where other simulations are lax: change batches are transactions, and DNS shows the rest."""
