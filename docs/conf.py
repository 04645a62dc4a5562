"""Settings of the documentation: `sphinx-build -W docs OUT` builds it."""

from __future__ import annotations

import escalate

project = "escalate"
author = "The escalate developers"
copyright = "The escalate developers, BSD-3-Clause"
release = version = escalate.__version__
language = "en_GB"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
napoleon_google_docstring = False
napoleon_use_ivar = True
autodoc_typehints = "none"  # the docstrings name the types
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"escalate {release}"
html_static_path = ["style"]
html_css_files = ["extra.css"]
