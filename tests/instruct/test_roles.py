"""Sets of roles: the bundled ones are whole, and a set of the user's is refused with its place."""

import pytest

from simenv.errors import ConfigError
from simenv.instruct.roles import names, role_set

USERS = "users: [{name: Client, prompt: You ask.}]"


def test_the_bundled_sets_have_prompts_of_their_own():
    assert names() == ["education", "finance", "law", "medicine", "science"]
    assert len(role_set("medicine").experts) == 14
    for name in names():
        roles = (*role_set(name).experts, *role_set(name).users)
        assert len({role.prompt for role in roles}) == len(roles) >= 9
        assert all(len(role.prompt) > 60 for role in roles)


def test_a_name_that_is_no_set_is_told_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'medicine'"):
        role_set("medcine")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"experts: [{{name: Vet}}]\n{USERS}", r"experts\[0\] \(Vet\): no prompt"),
        (f"experts: [{{name: Vet, prompt: ''}}]\n{USERS}", r"experts\[0\] \(Vet\): no prompt"),
        (f"experts: [{{name: A, prompt: a}}, {{name: Vet, prompt: '  '}}]\n{USERS}", r"experts\[1\] \(Vet\)"),
        (f"experts: [{{name: Vet, prompt: [x]}}]\n{USERS}", r"experts\[0\] \(Vet\).*prompt"),
        (f"experts: [{{name: Vet, prompt: {'x' * 9000}}}]\n{USERS}", r"experts\[0\] \(Vet\).*8000"),
        (f"experts: [{{name: Vet, prompt: x, age: 3}}]\n{USERS}", r"experts\[0\] \(Vet\).*age"),
        (f"experts: [{{prompt: x}}]\n{USERS}", r"experts\[0\].*name"),
        (f"experts: [Vet]\n{USERS}", r"experts\[0\]: expected a role"),
        (f"experts: [{{name: A, prompt: a}}, {{name: A, prompt: b}}]\n{USERS}", "'A' is there twice"),
        ("experts: [{name: A, prompt: a}]", "users: expected a list"),
        (f"experts: []\n{USERS}", "experts: expected a list"),
        ("- a", "expected experts: and users:"),
        (f"expert: []\n{USERS}", "unknown key 'expert'"),
        ("experts: [", "no YAML"),
    ],
)
def test_a_set_that_is_wrong_is_refused_with_its_place(tmp_path, text, message):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        role_set(str(path))
    assert str(path) in str(caught.value)


def test_a_set_of_the_users_is_read(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"experts: [{{name: 'Vet {{{{x}}}}', prompt: 'You heal {{{{animals}}}}.'}}]\n{USERS}")
    found = role_set(str(path))
    assert found.experts[0].prompt == "You heal {{animals}}."
    assert found.chosen([]) == found.experts
    with pytest.raises(ConfigError, match="unknown role 'Vat'"):
        found.chosen(["Vat"])
