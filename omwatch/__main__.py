"""``python -m omwatch``: the same as the ``omwatch`` command."""

import sys

from omwatch.cli import main

sys.exit(main())
