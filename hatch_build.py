"""What a wheel carries beyond the package: the migrations and GraphiQL's bundle."""

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelContents(BuildHookInterface):  # type: ignore[type-arg]  # of its config
    """An editable install needs neither: it finds both in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        build_data["force_include"]["alembic"] = "gql_app/_alembic"
        # Without a registry the wheel is whole but for GraphiQL; the build says so.
        subprocess.run([sys.executable, "-m", "ide.build"], cwd=self.root, check=False)
        build_data["artifacts"].append("/gql_app/_ide/")  # git ignores it
