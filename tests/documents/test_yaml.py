"""YAML of strangers: bombs, doubled keys and values that no setting can hold are refused with the line."""

import time

import pytest

from simenv.config import yaml_file
from simenv.documents import YamlError, parse_yaml
from simenv.errors import ConfigError

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)
)
MERGE = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 20))
BAD = {
    "aliases": (BOMB, "aliases repeat more than"),
    "merges": (MERGE, "aliases repeat more than"),
    "loop": ("a: &a [*a]", "aliases repeat more than"),
    "deep": ("[" * 5000, "line 1: nested more than 100 deep"),
    "deep block": ("".join(" " * n + "a:\n" for n in range(500)), "nested more than 100 deep"),
    "key twice": ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 3: the key 'c' is there twice"),
    "huge integer": ("a: " + "9" * 10_000, "more than 4300 digits"),
    "base 60": ("a: " + "1:" * 10_000 + "1", "more than 4300 digits"),
    "NaN": ("a: .nan", "no finite number"),
    "infinity": ("a: -.inf", "no finite number"),
    "overflow": ("a: 1.0e+999", "no finite number"),
    "no date": ("a: 2026-99-99", "month must be in"),
    "list as key": ("? [a]\n: 1", "unhashable"),
    "code": ("a: !!python/object/apply:os.system [x]", "could not determine a constructor"),
    "NUL": ("a: \0", "special characters are not allowed"),
    "surrogate": ("a: \ud800", "special characters are not allowed"),
    "large": ("a" * (2 << 20), "at most 1048576 are read"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_yaml_is_refused_soon(name):
    text, reason = BAD[name]
    start = time.process_time()
    with pytest.raises(YamlError, match=reason):
        parse_yaml(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", sorted(BAD.keys() - {"surrogate"}))
def test_a_config_file_says_so_with_its_name(tmp_path, name):
    path = tmp_path / "config.yaml"
    path.write_text(BAD[name][0])
    with pytest.raises(ConfigError, match=r"config.yaml: no YAML: "):
        yaml_file(path)


def test_honest_yaml_is_what_it_was(tmp_path):
    text = "base: &b {x: 1, y: [a, b]}\nmore: {<<: *b, x: 2}\nn: 0x1F\nf: 1.5e-3\nd: 2026-01-02\nnone: ~\n"
    value = parse_yaml(text)
    assert value["more"] == {"x": 2, "y": ["a", "b"]} and (value["n"], value["f"], value["none"]) == (31, 0.0015, None)
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert yaml_file(tmp_path / "a.yaml") == {"a": 1}
    (tmp_path / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ConfigError, match=r"a.yaml:2: no YAML: no UTF-8"):
        yaml_file(tmp_path / "a.yaml")
