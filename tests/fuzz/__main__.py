"""`python -m tests.fuzz --messages N`: read N messages, and say what broke the reader and what kept it busy."""

import argparse
import sys
import time

import click

from tests.fuzz.hunt import hunt, lines_of, most_lines


def main() -> int:
    """Hunt; 1 when something was caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    def tell(number: int) -> None:
        if number % 100_000 == 0:
            click.echo(f"{number:,} of {options.messages:,}", err=True)

    began = time.thread_time()
    catch = hunt(options.messages, options.seed, time.thread_time_ns, tell)
    took = time.thread_time() - began
    click.echo(
        f"{catch.messages:,} messages (seed {options.seed}) in {took:,.0f} s of CPU: {catch.responses:,} responses,"
    )
    click.echo(f"{catch.refused:,} refused before parsing, {len(catch.faults)} faults.")
    for message, fault in catch.faults[:10]:
        click.echo(f"  {fault}: {message.hex()[:400]}")
    click.echo("The slowest for their size, in microseconds and in lines of Python:")
    over = 0
    for slow in catch.slowest:
        lines, most = lines_of(slow.message), most_lines(len(slow.message))
        over += lines > most
        click.echo(
            f"  {len(slow.message):6,} bytes {slow.micros:8,.0f} us {slow.share:6.0%} {lines:9,} lines of {most:9,}"
        )
        if lines > most:
            click.echo(f"    {slow.message.hex()[:400]}")
    return 1 if catch.faults or over else 0


if __name__ == "__main__":
    sys.exit(main())
