"""``python -m standfirst`` is the command ``standfirst``."""

import sys

from standfirst.cli import main

sys.exit(main())
