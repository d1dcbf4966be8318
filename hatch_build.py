"""Puts the plugin folders into a wheel, below the package, where simenv.plugins finds them; an editable install needs none."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Bundle(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            for folder in ("environments", "agents", "filters", "viewer"):
                build_data["force_include"][folder] = f"simenv/plugins/{folder}"
            build_data["force_include"]["configs"] = "simenv/configs"
