"""Put the built web pages and the stories into the wheel; an editable install reads them in place."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Build `web/` when it has not been built, and fail when it cannot be."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `web/dist` and `stories` to a standard wheel."""
        if version == "editable":
            return
        web = Path(self.root) / "web"
        if not (web / "dist" / "index.html").exists():
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError("npm is needed to build the web pages in web/: install Node 20 or newer")
            subprocess.run([npm, "ci"], cwd=web, check=True)
            subprocess.run([npm, "run", "build"], cwd=web, check=True)
        build_data["force_include"][str(web / "dist")] = "tenfour/_web"
        build_data["force_include"][str(Path(self.root) / "stories")] = "tenfour/_stories"
