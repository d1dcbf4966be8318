"""Settings of runs, read from YAML files and `a.b=value` overrides, and the settings that several commands share."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simenv import documents, plugins
from simenv.containment import MAX_EQUAL_BUGS
from simenv.env import Limits
from simenv.errors import ConfigError, unknown
from simenv.network import Reach
from simenv.options import FolderName, Options, read
from simenv.trust import DataName, ForeignText, PluginName, Verdict

M = TypeVar("M", bound=BaseModel)
EVERYTHING = "*"
"""The text that stands for all there are; in YAML it would begin an alias."""


def one_or_several(value: Any) -> Any:
    """One name or mapping as a list of it; a text with commas is left, and refused."""
    return [value] if isinstance(value, dict) or (isinstance(value, str) and value and "," not in value) else value


def plugin_name(kind: str, *more: str) -> AfterValidator:
    """Validates the name of a plugin, for annotations: `Annotated[str, plugin_name("trainers")]`. Imports no plugin.

    `more` are names that a command takes itself; the message lists them with the plugins.
    """

    def check(name: str) -> str:
        try:
            plugins.module_of(kind, name)
        except ConfigError as e:
            noun = plugins.KINDS[kind].noun
            raise ValueError(unknown(noun, name, [*plugins.names(kind), *more]) if more else str(e)) from e
        return name

    return AfterValidator(check)


def _added(folders: tuple[str, ...]) -> tuple[str, ...]:
    for folder in folders:
        plugins.add(folder)
    return folders


def _is_added(folder: ForeignText) -> bool:
    return str(Path(folder).resolve()) in plugins.FOLDERS


PluginFolder = Annotated[str, Verdict("imported", "is a folder whose plugins would be run", _is_added)]
PluginFolders = Annotated[tuple[PluginFolder, ...], AfterValidator(_added)]
"""Folders in which plugins are looked for from then on; a setting of this type stands before those that name plugins."""


class Ref(BaseModel):
    """A plugin by name with its options: `expert`, or `{name: expert, error_rate: 0.25}`."""

    model_config = ConfigDict(frozen=True, extra="allow")
    name: PluginName

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class EnvironmentConfig(Options):
    """Settings of one environment in a run: the source of its tasks and the options of its world."""

    source: DataName | None = None
    """a task file; None: the procedural teacher"""
    episodes: int | None = Field(default=None, ge=1)
    """tasks; None: the experiment's number, or all of a file"""
    optional: bool = False
    """leave it out, and say so, where this host lacks something it needs; what `environments='*'` does"""
    strict: bool = False
    """whether one bad line of a task file ends the run"""
    admit: Literal["proven", "all"] = "proven"
    """proven: only tasks whose gold solution passes and whose cheats do not; all: whatever the world can load"""
    teacher: dict[str, Any] = {}
    """options of the procedural teacher"""
    world: dict[str, Any] = {}
    """options of the world"""
    actions: tuple[str, ...] = ()
    """the actions that an agent has, as `search.actions=[search, open]`; none: all. Those that end a task are always there"""


class EnvironmentsConfig(Reach):
    """Settings of every command that runs environments."""

    name: FolderName = "run"
    """name of the run folder"""
    seed: int = Field(default=0, ge=0)
    """same seed, same tasks, same slips"""
    environments: dict[PluginName, EnvironmentConfig] = {}
    """by name; `environments=[db, household]` names them without options, `environments='*'` takes all there are"""
    episodes: int = Field(default=20, ge=1)
    """tasks an environment, from the procedural teacher"""
    model: Ref | None = None
    """the model client of whoever needs one; its options follow as model.KEY"""
    simulator: Ref | None = None
    """the model that plays: naive, few_shot, grounded, critic, or flawed, a stand-in that needs no model"""
    concurrency: int = Field(default=64, ge=1)
    """episodes at once"""
    budget: float | None = Field(default=None, gt=0)
    """US dollars after which the run ends cleanly; resume goes on"""
    out: str = "runs"
    """where run folders go"""
    plugins: PluginFolders = ()
    """more folders with environments/, agents/, filters/, hooks/, dialects/, models/ or simulators/ in them"""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        by_name = _by_name(value.get("environments"))
        return {**value, "environments": {k: v or {} for k, v in by_name.items()}}


class Experiment(EnvironmentsConfig):
    """Settings of a rollout."""

    attempts: int = Field(default=1, ge=1)
    """episodes a task"""
    agent: Ref = Ref(name="expert")
    """who acts"""
    mode: Literal["engine", "simulated", "checked"] = "engine"
    """who plays the environment: its engine; a model; or a model, every answer checked against the engine"""
    policy: Literal["correct", "flag", "resample", "abort", "trust"] = "correct"
    """of mode=checked, for an answer that is no match. correct: the engine's is shown; flag: the model's, with a notice;
    resample: asked again, then as correct; abort: a drift ends the episode as an error; trust: shown as if it were right"""
    resamples: int = Field(default=5, ge=0)
    """of policy=resample: how often a step is asked for again"""
    dialect: PluginName = "react"
    """how actions are written: react (text) or tools (function calling)"""
    hooks: Annotated[tuple[Ref, ...], BeforeValidator(one_or_several)] = ()
    """interventions, in this order: names, or `{name: hint, tries: 2}`"""
    teacher: Ref | None = None
    """the model client of hooks that teach (takeover, hint, judge, parser); its options follow as teacher.KEY"""
    limits: Limits = Limits()
    on_bug: Literal["continue", "stop"] = "continue"
    """continue: an exception that nobody foresaw ends its episode or task alone; stop: it is raised, for developers"""
    max_equal_bugs: int = Field(default=MAX_EQUAL_BUGS, ge=1)
    """equal bugs in a row, in episodes or in tasks, after which the run ends"""


E = TypeVar("E", bound=EnvironmentsConfig)


def _by_name(value: Any) -> dict[str, Any]:
    """Environments by name: '*' stands for all that can run here; a name or a list has no options."""
    if value is None or isinstance(value, dict):
        return value or {}
    if value == EVERYTHING:
        return {n: {"optional": True} for n in plugins.names("environments")}
    if isinstance(value, str) and "," in value:
        raise ConfigError(f"environments: {value!r} is one text; a list has brackets: environments=[{value}]")
    return {n: {} for n in _texts("environments", value)}


def _add(folders: Any) -> None:
    """Look for plugins in more folders; those that only a foreign file names are left to the setting, which refuses them."""
    for folder in _texts("plugins", folders or ()):
        if not isinstance(folder, ForeignText) or _is_added(folder):
            plugins.add(folder)


def _texts(key: str, value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(t, str) for t in texts):
        raise ConfigError(f"{key}: expected a list of texts, got {value!r:.80}")
    return list(texts)


def load(
    path: str | Path | None,
    overrides: list[str],
    shape: type[E] = Experiment,  # type: ignore[assignment]
    default: str = "rollout/quickstart.yaml",
) -> E:
    """An Experiment from a YAML file (None: the bundled default) and overrides; ConfigError for what is wrong."""
    return configured(yaml_file(config_file(path, default)), overrides, shape)


def configured(data: dict[str, Any], overrides: list[str], shape: type[E]) -> E:
    """Settings of environments from the mapping that a YAML file holds and overrides; ConfigError for what is wrong."""
    _add(data.get("plugins"))
    for key, value in words(overrides):
        keys = _environments(key.split("."), shape)
        _check_is_played(data.get("environments"), key, keys)
        put(data, keys, value)
        if key == "plugins":
            _add(data["plugins"])
    return read(shape, data, "")


def configure(shape: type[M], path: str | Path | None, overrides: list[str], default: str) -> M:
    """Settings of any shape from a YAML file (None: the bundled `default`, such as `curate/default.yaml`) and overrides."""
    return overridden(shape, yaml_file(config_file(path, default)), overrides)


def overridden(shape: type[M], data: dict[str, Any], overrides: list[str]) -> M:
    """Settings of any shape from the mapping that a YAML file holds and overrides."""
    for key, value in words(overrides):
        put(data, key.split("."), value)
    if "plugins" in shape.model_fields:
        _add(data.get("plugins"))
    return read(shape, data, "")


def written(settings: BaseModel) -> str:
    """Settings as YAML text, defaults included."""
    return yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def words(overrides: list[str]) -> list[tuple[str, Any]]:
    """KEY=VALUE words as keys and YAML values, outer keys first: agent=… before agent.error_rate=…"""
    pairs = []
    for text in sorted(overrides, key=lambda t: t.partition("=")[0].count(".")):
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(f"{text!r}: expected KEY=VALUE, for example agent.error_rate=0.1")
        try:
            pairs.append((key, value if value == EVERYTHING else documents.parse_yaml(value)))
        except documents.YamlError as e:
            raise ConfigError(f"{key}: not a YAML value: {value!r:.200}: {e}") from e
    return pairs


def bundled(name: str) -> Path:
    """The path of a file in configs/, in a checkout or an installed package."""
    return Path(__file__).parent / "configs" / name


def bundled_names(room: str) -> list[str]:
    """The configs that simenv brings for a command, by name."""
    return sorted(path.stem for path in bundled(room).glob("*.yaml"))


def config_file(path: str | Path | None, default: str) -> Path:
    """A YAML file by its path, or by the name of a bundled one: `study`, `configs/sweep/study.yaml` from any folder.

    `default` is the bundled file that is taken for None, such as `curate/default.yaml`. ConfigError says which there are.
    """
    if path is None:
        return bundled(default)
    room, given = default.partition("/")[0], Path(path)
    names = bundled_names(room)
    if given.exists() or given.is_absolute():
        return given
    if given.stem in names and str(given) in (given.stem, f"{given.stem}.yaml", f"configs/{room}/{given.stem}.yaml"):
        return bundled(f"{room}/{given.stem}.yaml")
    near = get_close_matches(given.stem, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ConfigError(
        f"{path}: No such file or directory; expected KEY=VALUE, a YAML file, or one that simenv brings: "
        f"{', '.join(names)}{hint}"
    )


def yaml_file(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; ConfigError if the file cannot be read or holds something else."""
    data = documents.yaml_file(path)
    if not isinstance(data or {}, dict):
        raise ConfigError(f"{path}: expected a mapping of options, got {type(data).__name__}")
    return data or {}


def _environments(keys: list[str], shape: type[EnvironmentsConfig]) -> list[str]:
    """`db.…` is short for `environments.db.…`."""
    short = keys[0] not in shape.model_fields and keys[0] in plugins.names("environments")
    return ["environments", *keys] if short else keys


def _check_is_played(environments: Any, key: str, keys: list[str]) -> None:
    """ConfigError for `kg.episodes=1` where kg is none of the environments that are named."""
    if len(keys) < 2 or keys[0] != "environments" or key.startswith("environments.") or not environments:
        return
    played = _by_name(environments)
    if keys[1] not in played:
        every = ", ".join([*played, keys[1]])
        raise ConfigError(
            f"{key}: {keys[1]} is none of the environments of this run ({', '.join(played)}); add it: "
            f"environments=[{every}]"
        )


def put(data: dict[str, Any], keys: list[str], value: Any) -> None:
    """Set a value at a dotted key, in place; a plain name on the way becomes `{name: …}`."""
    for key in keys[:-1]:
        inner = data.get(key)
        if key == "environments" and not isinstance(inner, dict):
            inner = _by_name(inner)
        elif isinstance(inner, str):
            inner = {"name": inner}
        elif not isinstance(inner, dict | None):
            raise ConfigError(f"{'.'.join(keys)}: {key} is {inner!r}, which has no options")
        data[key] = inner = dict(inner or {})
        data = inner
    data[keys[-1]] = value
