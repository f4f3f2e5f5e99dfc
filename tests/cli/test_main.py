import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from probe import __version__
from probe.cli.errors import OUT_OF_THREADS, CommandError, ExitStatus, run_command, sentences
from probe.cli.main import root
from probe.config.mistakes import Mistake, PlanError
from probe.web.server_error import ServerError
from tests.patience import HANG


def test_without_arguments_it_shows_what_it_can_do() -> None:
    result = CliRunner().invoke(root, [])
    assert result.exit_code == 0
    for command in root.commands:
        assert f"\n  {command} " in result.output
    assert "Exit status: 0 it holds;" in result.output


@pytest.mark.parametrize("arguments", [[], ["config", "--help"]], ids=["root", "config"])
def test_the_list_of_commands_has_a_whole_sentence_for_each(arguments: list[str]) -> None:
    listed = CliRunner().invoke(root, arguments).output.partition("Commands:\n")[2]
    assert all(line.endswith((".", "?", ").")) and "..." not in line for line in listed.splitlines())


COMMANDS = [name for name, command in root.commands.items() if not isinstance(command, click.Group)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_in_sentences_what_it_does_and_gives_examples(command: str) -> None:
    result = CliRunner().invoke(root, [command, "--help"])
    assert result.exit_code == 0
    assert "Examples:\n" in result.output
    assert f"\n    cutover-probe {command}" in result.output


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(root, ["--version"]) == ExitStatus.HOLDS
    assert capsys.readouterr().out == f"cutover-probe {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["rnu"], ["run"], ["run", "--config"], ["check", "--config", "x", "--output", "xml"], ["demo", "--speed", "-1"]],
    ids=" ".join,
)
def test_a_wrong_command_line_is_a_failure_and_no_verdict(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(root, arguments) == ExitStatus.FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Error: " in captured.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_plan_that_does_not_exist_is_a_failure_with_its_name(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(root, [command, "--config", "/no/such/plan.yaml"]) == ExitStatus.FAILED
    assert capsys.readouterr().err.startswith("/no/such/plan.yaml:1:1: ")


@pytest.mark.parametrize("listen", ["9953", "localhost:9953", "127.0.0.1", "127.0.0.1:70000"])
def test_an_address_to_listen_on_is_read_as_in_the_plan(listen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(root, ["run", "--config", "x", "--listen", listen]) == ExitStatus.FAILED
    assert f"`{listen}`" in capsys.readouterr().err


def _raising(error: BaseException) -> click.Command:
    @click.command()
    @sentences
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PlanError([Mistake("plan.yaml", 3, 5, "it is bad", "mend it")]), "plan.yaml:3:5: it is bad; mend it\n"),
        (ServerError("HTTP cannot be served."), "HTTP cannot be served.\n"),
        (CommandError("There is no network."), "There is no network.\n"),
        (KeyboardInterrupt(), "\nInterrupted.\n"),
    ],
)
def test_what_a_user_can_cause_is_told_in_a_sentence(
    error: BaseException, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(_raising(error), []) == ExitStatus.FAILED
    assert capsys.readouterr().err == told


def test_the_end_of_memory_is_told_with_bytes_that_stand_ready(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command(_raising(MemoryError()), []) == ExitStatus.FAILED
    assert capfd.readouterr().err == "The command could not finish: memory has ended; give it more.\n"


_NO_ROOM_FOR_A_STACK = """
import resource, threading
size = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (size + (1 << 20), size + (1 << 20)))
try:
    threading.Thread(target=int).start()
except RuntimeError as error:
    print(error)
"""


def test_a_thread_that_python_cannot_start_ends_in_a_sentence_too(capfd: pytest.CaptureFixture[str]) -> None:
    said = subprocess.run([sys.executable, "-c", _NO_ROOM_FOR_A_STACK], stdout=subprocess.PIPE, text=True, check=True)
    assert run_command(_raising(RuntimeError(said.stdout.strip())), []) == ExitStatus.FAILED
    assert capfd.readouterr().err == OUT_OF_THREADS.decode()


def test_any_other_error_of_the_program_is_no_sentence() -> None:
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        run_command(_raising(RuntimeError("a mistake of ours")), [])


@pytest.mark.parametrize("status", list(ExitStatus))
def test_a_command_ends_with_the_status_that_it_asks_for(status: ExitStatus) -> None:
    @click.command()
    @click.pass_context
    def command(ctx: click.Context) -> None:
        ctx.exit(status)

    assert run_command(command, []) == status


def test_a_reader_that_has_enough_is_no_reason_to_complain() -> None:
    script = f"{sys.executable} -m probe config schema | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], capture_output=True, check=False, timeout=HANG)
    assert done.stderr == b""
    assert len(done.stdout) == 10


def test_output_that_cannot_be_written_is_told_in_a_sentence() -> None:
    script = f"{sys.executable} -m probe config schema > /dev/full"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=HANG)
    assert done.returncode == ExitStatus.FAILED
    assert done.stderr == "The command could not finish: No space left on device.\n"
