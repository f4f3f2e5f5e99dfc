"""How commands fail: in a sentence, with the exit status of the contract, and never with a traceback."""

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from probe.config.mistakes import ConfigError
from probe.model.check import CheckOutcome
from probe.web.server_error import ServerError

STDERR = 2
OUT_OF_MEMORY = b"The command could not finish: memory has ended; give it more.\n"
OUT_OF_THREADS = b"The command could not finish: the system gives it no more threads, or has no memory for one.\n"
"""Bytes that stand ready: there is nothing left to make a sentence with."""
_NO_THREAD = "can't start new thread"
"""How CPython says it: in a RuntimeError that has no class of its own (Modules/_threadmodule.c)."""

P = ParamSpec("P")
T = TypeVar("T")


class ExitStatus(IntEnum):
    """What a command's exit status says."""

    HOLDS = 0
    """It holds, or was done."""
    FAILED = 1
    """The command could not do its work: bad configuration, wrong flags, no network."""
    DOES_NOT_HOLD = 2
    """It was looked at, and it does not hold."""
    UNKNOWN = 3
    """There is not enough evidence to say."""


EXIT_STATUS = {
    CheckOutcome.PASS: ExitStatus.HOLDS,
    CheckOutcome.WARN: ExitStatus.HOLDS,
    CheckOutcome.FAIL: ExitStatus.DOES_NOT_HOLD,
    CheckOutcome.UNKNOWN: ExitStatus.UNKNOWN,
}
"""The one table from what came of a look to the exit status of the command that looked."""


class CommandError(click.ClickException):
    """The command cannot do its work; the message is a sentence that says why and what to do."""

    exit_code = ExitStatus.FAILED

    def show(self, file: object = None) -> None:
        """Print the sentence to standard error."""
        del file
        click.echo(self.format_message(), err=True)


def sentences(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the errors that a user can cause into a CommandError."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (ConfigError, ServerError) as error:
            raise CommandError(str(error)) from error

    return wrapped


def run_command(command: click.Command, arguments: list[str]) -> int:
    """Run the command line to its end and give the exit status.

    click ends with 2 on a usage error; here 2 says that something was looked at and does not hold, so it is 1.
    """
    try:
        result = command.main(arguments, prog_name="cutover-probe", standalone_mode=False)
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return ExitStatus.FAILED
    except click.ClickException as error:
        error.show()
        return ExitStatus.FAILED
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.FAILED
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and str(error) != _NO_THREAD:
            raise
        # The event loop's end begins a thread of its own: all that was to be kept is kept by then.
        os.write(STDERR, OUT_OF_MEMORY if isinstance(error, MemoryError) else OUT_OF_THREADS)
        return ExitStatus.FAILED
    except OSError as error:
        # The network is never an exception here: what is left is our own output (a full disk, a closed descriptor).
        click.echo(f"The command could not finish: {error.strerror or error}.", err=True)
        return ExitStatus.FAILED
    return result if isinstance(result, int) else ExitStatus.HOLDS
