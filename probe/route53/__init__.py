"""A Route 53 that is strict where other simulations are lax: change batches are transactions. DNS shows the rest."""
