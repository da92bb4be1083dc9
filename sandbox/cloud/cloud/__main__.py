"""Install the extensions and serve the emulated AWS: ``python -m cloud``."""

import logging
import sys

from cloud import extensions
from cloud.core import patch, server, settings


def main() -> None:
    """Serve until the process is asked to end."""
    settings.prepare()
    try:
        extensions.install()
    except patch.DriftError as error:
        sys.exit(f"error: the extensions do not fit this version of MiniStack:\n{error}")
    logging.getLogger(__name__).info("%d extensions installed", len(extensions.ORDER))
    server.run()


if __name__ == "__main__":
    main()
