"""What a wheel carries beyond the package: the migrations and GraphiQL's bundle."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelContents(BuildHookInterface):  # type: ignore[type-arg]  # of its config
    """An editable install needs neither: it finds both in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        build_data["force_include"]["alembic"] = "gql_app/_alembic"
        # Without a registry the wheel is whole but for GraphiQL; the build says so.
        subprocess.run([sys.executable, "ide/build.py"], cwd=self.root, check=False)
        if Path(self.root, "gql_app/_ide").exists():
            build_data["force_include"]["gql_app/_ide"] = "gql_app/_ide"
