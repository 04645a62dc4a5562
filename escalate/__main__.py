"""``python -m escalate``."""

from escalate.cli import main

raise SystemExit(main())
