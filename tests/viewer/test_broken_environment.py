"""One broken environment folder is no reason to refuse the files of others."""

import io
import json

import pytest

from simenv import plugins
from simenv.errors import ConfigError
from simenv.plugins.viewer.content.data_files import take_upload
from simenv.plugins.viewer.workspace import Workspace

FILES = {
    "environment.json": '{"overview": "x", "state": {}, "actions": [], "rules": ["x"]}',
    "world.py": "import no_such_package_of_simenv\n",
    "worldd.py": "",
}
CHAT = {"conversations": [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "hi"}]}
DBBENCH = {
    "description": "How many?",
    "type": ["counting"],
    "label": ["1"],
    "table": {"table_name": "t", "table_info": {"columns": [{"name": "a", "type": "TEXT"}], "rows": [["x"]]}},
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", ["aaa_broken", "zzz_broken"])
@pytest.mark.parametrize(("record", "kind"), [(CHAT, "chat"), (DBBENCH, "tasks")], ids=["chat", "tasks"])
def test_an_upload_is_taken_beside_a_broken_environment(file, name, record, kind, tmp_path):
    folder = tmp_path / "environments" / name
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text(FILES["environment.json"])
    (folder / file).write_text(FILES[file])
    plugins.add(tmp_path)
    with pytest.raises(ConfigError):
        plugins.environment(name)
    upload = take_upload(Workspace(tmp_path / "runs"), "a.jsonl", io.BytesIO(json.dumps(record).encode() + b"\n"))
    assert (upload.item.kind, upload.records) == (kind, 1)


def test_folders_of_plugins_that_a_test_added_are_gone():
    assert not [n for n in plugins.names("environments") if n.endswith("_broken")]
