"""A Route 53 that is strict where other simulations are lax: change batches as transactions, and what DNS shows of them."""
