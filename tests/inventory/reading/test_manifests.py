"""The edge: folders, single files and standard input, in bounds."""

import io
import os
from pathlib import Path

import pytest

from probe.config.mistakes import STREAM
from probe.inventory.reading.manifests import UnreadableSource, _files, read_manifests
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects

MAX_FILES, MAX_NESTING, OCTETS = 50_000, 64, 128 * 1024 * 1024
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: NAME}\n"


def test_a_folder_is_read_in_the_order_of_names_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b/two.yml", "a/one.yaml", "a/three.json", ".git/four.yaml", "c/README.md", "a/.five.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(SERVICE.replace("NAME", path.stem), encoding="utf-8")
    found = read_manifests(str(tmp_path))
    assert [name for _, _, name in found.found] == ["one", "three", "two"]


def test_standard_input_is_read_as_one_stream() -> None:
    found = read_manifests("-", stream=io.BytesIO(f"---\n{SERVICE}---\n{SERVICE.replace('NAME', 'b')}".encode()))
    assert [(one.name, str(one.origin)) for one in found.of("Service")] == [
        ("NAME", f"{STREAM}:2"),
        ("b", f"{STREAM}:6"),
    ]


def test_a_single_file_will_do(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(SERVICE, encoding="utf-8")
    assert len(read_manifests(str(path)).found) == 1


def test_what_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="neither a folder nor a file"):
        read_manifests(str(tmp_path / "no"))


def test_a_pipe_or_a_device_in_a_folder_is_skipped_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE, encoding="utf-8")
    os.mkfifo(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").symlink_to("/dev/zero")
    (tmp_path / "beside").write_text(SERVICE.replace("NAME", "linked"), encoding="utf-8")
    (tmp_path / "d.yaml").symlink_to("beside")
    (tmp_path / "e.yaml").symlink_to("nothing")
    found = read_manifests(str(tmp_path))
    assert [name for _, _, name in found.found] == ["NAME", "linked"]
    assert [(str(one), one.is_gap) for one in found.notices] == [
        (f"{tmp_path}/b.yaml: this is no regular file: it was skipped", True),
        (f"{tmp_path}/c.yaml: this is no regular file: it was skipped", True),
        (f"{tmp_path}/e.yaml: this file cannot be read (no such file or directory)", True),
    ]


def test_a_pipe_in_place_of_the_folder_is_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableSource, match="neither a folder nor a regular file; `-` reads standard input"):
        read_manifests(str(tmp_path / "pipe"))


def test_what_is_too_much_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("#" * 200, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(SERVICE.replace("NAME", "c"), encoding="utf-8")
    found = read_manifests(str(tmp_path), Budget(octets=150))
    assert [name for _, _, name in found.found] == ["NAME", "c"]
    assert [str(one) for one in found.notices] == [
        f"{tmp_path}/b.yaml: more than 150 octets were read already: this file was skipped"
    ]
    (notice,) = read_manifests("-", Budget(octets=20), io.BytesIO(b"#" * 30)).notices
    assert str(notice) == f"{STREAM}: only the first 20 octets were read"


def test_standard_input_is_read_no_further_than_its_bound() -> None:
    asked: list[int] = []

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size or 0)
            return b""

    read_manifests("-", stream=Stream())
    assert asked == [OCTETS + 1]


def test_folders_are_followed_as_deep_as_nobody_nests_them(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * (MAX_NESTING + 1))
    deep.mkdir(parents=True)
    (deep / "beyond.yaml").write_text(SERVICE.replace("NAME", "beyond"), encoding="utf-8")
    (deep.parent / "last.yaml").write_text(SERVICE.replace("NAME", "last"), encoding="utf-8")
    assert [name for _, _, name in read_manifests(str(tmp_path)).found] == ["last"]


def test_files_are_bounded_and_what_is_left_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "walk", lambda root: [(str(root), [], ["a.yaml"] * (MAX_FILES + 1))])
    told = Objects().notices
    assert sum(1 for _ in _files(tmp_path, told)) == MAX_FILES
    assert [str(one) for one in told] == [f"{tmp_path}: it has more than 50,000 manifests: the rest was left"]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"# \n# \xff\n" + SERVICE.encode())
    found = read_manifests(str(tmp_path))
    assert len(found.found) == 1
    assert f"{tmp_path}/a.yaml:2: the byte 0xff is not UTF-8" in str(found.notices[0])
