"""Terminal and HTML renderings of an explanation."""
from __future__ import annotations
from escalate.explain import Explanation
def as_text(found: Explanation) -> str:
    return f"score {found.score:.3f}\n" + "\n".join(f"{s.contribution:+.2f} {s.family}:{s.mode} {s.text}" for s in found.signals)
def as_html(found: Explanation) -> str: return "<pre>"+as_text(found)+"</pre>"
def as_page(found: Explanation) -> str: return as_html(found)
