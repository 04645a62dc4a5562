"""How the HTML of an explanation looks: colours by role in light and dark, and the rules, all of them inside ``.esc-root``."""

from __future__ import annotations

__all__ = ["PAGE_STYLE", "PALETTE", "STYLE"]

PALETTE = {
    "paper": ("#ffffff", "#15181d"),
    "ink": ("#1a1e24", "#e6e9ee"),
    "soft": ("#57606b", "#a3adb9"),
    "line": ("#dce1e7", "#313841"),
    "panel": ("#f5f7f9", "#1c2128"),
    "carry": ("#f1f4f8", "#222831"),
    "warm": ("#b3261e", "#ff8f80"),
    "warm-wash": ("#fde3df", "#4d211d"),
    "amber": ("#865500", "#efc050"),
    "amber-wash": ("#fdefc8", "#443409"),
    "cool": ("#00666a", "#56d3c8"),
    "cool-wash": ("#d3f0ee", "#0f3c3d"),
    "grey": ("#57606b", "#aeb8c4"),
    "grey-wash": ("#e6eaef", "#333b45"),
}
"""Colours by role: in light, in dark."""

_RULES = """
.esc-root { color-scheme: light dark; container-type: inline-size; box-sizing: border-box; padding: 18px;
  border: 1px solid var(--esc-line);
  border-radius: 8px; background: var(--esc-paper); color: var(--esc-ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif;
  text-align: left; }
[data-jp-theme-light="true"] .esc-root, .vscode-light .esc-root, [data-theme="light"] .esc-root { color-scheme: light; }
[data-jp-theme-light="false"] .esc-root, .vscode-dark .esc-root, [data-theme="dark"] .esc-root { color-scheme: dark; }
.esc-root * { box-sizing: border-box; }
.esc-root p, .esc-root ul.esc-list, .esc-root ol.esc-ladder { margin: 0; padding: 0; list-style: none; }
.esc-root .esc-escalatory, .esc-root .esc-raises { --esc-tone: var(--esc-warm); --esc-wash: var(--esc-warm-wash); }
.esc-root .esc-pressure, .esc-root .esc-even { --esc-tone: var(--esc-amber); --esc-wash: var(--esc-amber-wash); }
.esc-root .esc-deescalatory, .esc-root .esc-lowers { --esc-tone: var(--esc-cool); --esc-wash: var(--esc-cool-wash); }
.esc-root .esc-counter, .esc-root .esc-plain { --esc-tone: var(--esc-grey); --esc-wash: var(--esc-grey-wash); }
.esc-root .esc-top { display: flex; gap: 16px; justify-content: space-between; align-items: flex-start; }
.esc-root .esc-verdict { margin: 0; font-size: 27px; font-weight: 700; line-height: 1.15; letter-spacing: -.01em; color: var(--esc-tone); }
.esc-root .esc-gloss { margin-top: 5px; max-width: 544px; color: var(--esc-soft); font-size: 14px; line-height: 1.4; }
.esc-root .esc-score { font-size: 37px; font-weight: 700; line-height: 1; font-variant-numeric: tabular-nums; text-align: right; }
.esc-root .esc-score small { display: block; margin-top: 4px; font-size: 12px; font-weight: 400; color: var(--esc-soft); }
.esc-root .esc-meter { margin: 16px 0 15px; }
.esc-root .esc-scale { position: relative; height: 12px; border-radius: 6px;
  background: linear-gradient(90deg, var(--esc-cool), var(--esc-grey-wash) 50%, var(--esc-warm)); }
.esc-root .esc-band { position: absolute; top: 14px; height: 4px; border: 1px solid var(--esc-ink); border-top: 0; }
.esc-root .esc-pin { position: absolute; top: -5px; width: 6px; height: 22px; margin-left: -3px; border-radius: 3px;
  background: var(--esc-ink); border: 1px solid var(--esc-paper); }
.esc-root .esc-ticks { display: flex; justify-content: space-between; margin-top: 6px; font-size: 12px; color: var(--esc-soft); }
.esc-root .esc-facts { display: flex; flex-wrap: wrap; gap: 13px 32px; }
.esc-root .esc-facts > div:first-child { flex: 1 1 320px; }
.esc-root .esc-key { display: block; margin-bottom: 5px; font-size: 12px; color: var(--esc-soft); }
.esc-root .esc-way { font-weight: 600; }
.esc-root .esc-ladder { display: grid; grid-template-columns: repeat(6, 1fr); gap: 3px; }
.esc-root .esc-ladder li { border-top: 5px solid var(--esc-line); padding-top: 3px; font-size: 12px; line-height: 1.2;
  color: var(--esc-soft); }
.esc-root .esc-ladder .esc-passed { border-color: var(--esc-soft); }
.esc-root .esc-ladder .esc-here { border-color: var(--esc-ink); color: var(--esc-ink); font-weight: 700; }
.esc-root .esc-none { color: var(--esc-soft); font-size: 14px; }
.esc-root .esc-article { position: relative; margin: 19px 0 10px; padding: 10px 0 10px 50px; border: solid var(--esc-line);
  border-width: 1px 0;
  font: 16.5px/1.95 Georgia, "Times New Roman", serif; white-space: pre-wrap; overflow-wrap: anywhere; }
.esc-root .esc-article mark, .esc-root .esc-legend mark { padding: .1em 0; border-radius: 2px; color: inherit;
  background: var(--esc-wash);
  text-decoration: underline solid 2px var(--esc-tone); text-underline-offset: .2em; text-decoration-skip-ink: none; }
.esc-root .esc-legend mark { padding: .1em .3em; }
.esc-root .esc-legend mark:not([class*=" "]) { text-decoration: none; }
.esc-root mark.esc-threatened { text-decoration-style: dashed; }
.esc-root mark.esc-hypothetical { text-decoration-style: dotted; text-decoration-thickness: 3px; }
.esc-root mark.esc-negated { text-decoration-line: line-through; text-decoration-thickness: 1px; }
.esc-root mark.esc-past { text-decoration-style: double; text-decoration-thickness: 1px; }
.esc-root mark.esc-figurative { text-decoration-style: wavy; text-decoration-thickness: 1px; }
.esc-root mark.esc-l1 { text-underline-offset: .44em; }
.esc-root mark.esc-l2 { text-underline-offset: .68em; }
.esc-root mark.esc-l3 { text-underline-offset: .92em; }
.esc-root .esc-label { display: inline-block; text-decoration: none; margin: 0 .2em 0 .25em; vertical-align: .55em;
  font: 600 10.5px/1 system-ui, "Segoe UI", Roboto, sans-serif;
  color: var(--esc-tone); white-space: nowrap; user-select: none; }
.esc-root .esc-label > .esc-to { color: inherit; text-decoration: none; }
.esc-root .esc-label > .esc-to:hover, .esc-root .esc-label > .esc-to:focus-visible { text-decoration: underline; }
.esc-root .esc-carry { background: var(--esc-carry); box-decoration-break: clone; -webkit-box-decoration-break: clone; padding: .3em 0; }
.esc-root .esc-w { font-weight: 700; color: var(--esc-tone); }
.esc-root .esc-w.esc-lowers { font-weight: 400; font-style: italic; }
.esc-root mark .esc-w { color: inherit; }
.esc-root .esc-warning { margin-top: 13px; padding: 8px 12px; border: 2px dashed var(--esc-amber); border-radius: 6px;
  background: var(--esc-amber-wash); font-size: 14px; }
.esc-root .esc-rank { display: inline-block; width: 16px; height: 16px; border-radius: 50%;
  background: var(--esc-tone, var(--esc-soft)); color: var(--esc-paper);
  font: 700 11px/16px system-ui, "Segoe UI", Roboto, sans-serif; text-align: center; vertical-align: baseline; user-select: none;
  text-indent: 0; }
.esc-root .esc-article .esc-rank { position: absolute; margin-top: 8px; }
.esc-root .esc-article .esc-r1 { left: 0; }
.esc-root .esc-article .esc-r2 { left: 15px; }
.esc-root .esc-article .esc-r3 { left: 31px; }
.esc-root .esc-legend { display: grid; grid-template-columns: max-content 1fr; gap: 4px 12px; margin-bottom: 19px; font-size: 12.5px;
  line-height: 1.75;
  color: var(--esc-soft); }
.esc-root .esc-legend b { font-weight: 600; }
.esc-root .esc-legend mark { margin-right: 5px; color: var(--esc-ink); white-space: nowrap; }
.esc-root .esc-panels { columns: 384px 2; column-gap: 13px; }
.esc-root .esc-panel { break-inside: avoid; margin-bottom: 13px; padding: 13px 15px; border-radius: 6px; background: var(--esc-panel); }
.esc-root .esc-title { margin: 0 0 7px; font-size: 15px; font-weight: 700; }
.esc-root .esc-entry { display: grid; grid-template-columns: 50px 1fr; column-gap: 10px; align-items: center; margin-bottom: 8px;
  font-size: 14px; }
.esc-root .esc-word { grid-template-columns: 50px 1fr 1fr; margin-bottom: 3px; }
.esc-root .esc-entry:target { outline: 2px solid var(--esc-ink); outline-offset: 4px; border-radius: 2px; }
.esc-root summary { cursor: pointer; }
.esc-root details[open] > summary { margin-bottom: 8px; }
.esc-root .esc-value { font-variant-numeric: tabular-nums; text-align: right; font-weight: 600; }
.esc-root .esc-track { height: 8px; border-radius: 2px; background: var(--esc-line); }
.esc-root .esc-track i { display: block; height: 100%; min-width: 2px; border-radius: 2px; background: var(--esc-tone); }
.esc-root .esc-what { grid-column: 2; line-height: 1.4; overflow-wrap: anywhere; }
.esc-root .esc-word .esc-what { grid-column: 3; }
.esc-root .esc-name { font-weight: 600; }
.esc-root .esc-actors { color: var(--esc-soft); }
.esc-root .esc-sum { display: flex; flex-wrap: wrap; gap: 10px 26px; margin: 16px 0; }
.esc-root .esc-sum b { display: block; font-size: 18px; font-variant-numeric: tabular-nums; }
.esc-root .esc-sum span, .esc-root .esc-sum small { display: block; font-size: 12.5px; color: var(--esc-soft); }
.esc-root .esc-foot { padding-top: 11px; border-top: 1px solid var(--esc-line); font-size: 13px; color: var(--esc-soft); }
@container (max-width: 480px) {
  .esc-root .esc-verdict { font-size: 22px; }
  .esc-root .esc-score { font-size: 27px; }
  .esc-root .esc-article { padding-left: 21px; }
  .esc-root .esc-article .esc-rank { left: 0; }
  .esc-root .esc-ladder { grid-template-columns: 5fr 5fr 5fr 8fr 5fr 4fr; }
  .esc-root .esc-ladder li { font-size: 11px; }
  .esc-root .esc-sum { gap: 10px 18px; }
}
"""


def _style() -> str:
    """Return the style sheet: light colours for every browser, and light-dark() over them where it is known."""
    light = " ".join(f"--esc-{role}: {colour};" for role, (colour, _) in PALETTE.items())
    both = " ".join(f"--esc-{role}: light-dark({day}, {night});" for role, (day, night) in PALETTE.items())
    return f".esc-root {{ {light} }}\n@supports (color: light-dark(#000, #fff)) {{ .esc-root {{ {both} }} }}{_RULES}"


STYLE = _style()
"""The rules of the fragment."""

PAGE_STYLE = (
    ":root { color-scheme: light dark; background: #ffffff; background: light-dark(#ffffff, #15181d); } body { margin: 0; } "
    "main > .esc-root { max-width: 992px; margin: 0 auto; border: 0; border-radius: 0; }"
)
"""What a complete page adds."""
