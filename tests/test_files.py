"""Files and folders appear whole or not at all; names are free; locks hold."""

import pytest

from simenv.errors import StoreError
from simenv.files import free_name, lock, new_folder, whole_file, whole_folder, write_whole


def test_a_folder_whose_block_fails_leaves_nothing_and_keeps_the_old_one(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "a") as aside:
        (aside / "x").write_text("1")
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
    with whole_folder(tmp_path / "a") as aside:
        (aside / "x").write_text("1")
    with whole_folder(tmp_path / "a", replace=True) as aside:
        (aside / "y").write_text("2")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["y"]
    with pytest.raises(StoreError, match="cannot write"), whole_folder(tmp_path / "a"):
        pass


def test_a_file_whose_block_fails_leaves_nothing_beside_the_old_one(tmp_path):
    write_whole(tmp_path / "a.txt", "old", durable=False)
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "a.txt"):
        1 / 0  # noqa: B018
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"] and (tmp_path / "a.txt").read_text() == "old"
    with pytest.raises(StoreError, match="cannot write"):
        write_whole(tmp_path / "nowhere" / "a.txt", "")


def test_names_are_numbered_where_they_are_taken(tmp_path):
    assert free_name("a", {"a", "a-2"}.__contains__) == "a-3"
    assert free_name("a", {"a"}.__contains__, separator="~") == "a~2"
    assert free_name("a", {"a.txt"}.__contains__, ending=".txt") == "a-2.txt"
    assert [new_folder(tmp_path / "jobs", "job", first=False).name for _ in range(2)] == ["job-1", "job-2"]


def test_a_lock_keeps_others_out_and_shared_locks_stand_beside_each_other(tmp_path):
    path = tmp_path / "lock"
    with path.open("wb") as first, path.open("rb") as second:
        assert lock(first) and not lock(second, wait=False) and not lock(second, wait=False, shared=True)
    with path.open("rb") as first, path.open("rb") as second:
        assert lock(first, shared=True) and lock(second, wait=False, shared=True)
