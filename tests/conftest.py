"""What holds for every test."""

from hypothesis import settings

# By default an example that takes more than 200 ms fails its test: on a busy machine that says nothing about the code.
settings.register_profile("busy-machines", deadline=None)
settings.load_profile("busy-machines")
