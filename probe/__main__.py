"""`python -m probe`: the command without its being installed."""

from probe.cli.main import main

main()
