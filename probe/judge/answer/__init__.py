"""One answer: whose addresses it holds, where its CNAME chain leads, and for how long caches may keep it."""
