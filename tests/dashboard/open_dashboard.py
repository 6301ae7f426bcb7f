"""Opens the dashboard on one database, with the clock of the painter: a program for terminal tests."""

import sys
from pathlib import Path

from tests.dashboard.driving import dashboard

if __name__ == "__main__":
    dashboard(Path(sys.argv[1])).run()
