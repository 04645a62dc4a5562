"""Lexicons read from TOML: the default one, and files of one's own after it; errors name file, table and key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from escalate.errors import LexiconError
from escalate.faults import TERM, check, is_number
from escalate.inflect import expanded, in_digits, participle_in, plural, verb_forms
from escalate.lexicon import (
    ACTOR_KINDS,
    ASKED,
    DIRECTIONS,
    GROUPS,
    LONGEST,
    LONGEST_TERM,
    MODES,
    ORDERS,
    PLOVER,
    Actor,
    Cue,
    Family,
    Frame,
    Lexicon,
    with_tuples,
)
from escalate.years import words_of_years

__all__ = ["load"]

Terms = dict[str, tuple[str, ...]]

DEFAULT_FILES = ("terms.toml", "topics.toml", "signals.toml", "context.toml", "actors.toml")


def load(paths: Any, year: int) -> Lexicon:
    """Return the default lexicon with what the files in `paths` add; see :meth:`escalate.Lexicon.load`."""
    own = _own_files(paths)
    terms, cues = words_of_years(year)
    here = Path(__file__).parent / "lexicon"
    lexicon = Lexicon(terms, cues)
    for name in DEFAULT_FILES:
        _Reader(lexicon, terms, here / name).read()
    _keep_participles(lexicon, terms)
    check(lexicon, f"{here}: ")  # once all of them are read, since they refer to each other
    for path in own:
        _Reader(lexicon, terms, path).read()
        _keep_participles(lexicon, terms)
        check(lexicon, f"{path}: ")
    return lexicon


def _own_files(paths: Any) -> list[Path]:
    """Return the files of one's own, of which one or several were given."""
    several = isinstance(paths, Iterable) and not isinstance(paths, str | PathLike)
    given = list(paths) if several else [paths]
    for path in given:
        if not isinstance(path, str | PathLike):
            what = f"paths: expected the path of a TOML file or a list of them, got {type(path).__name__} ({path!r:.60})"
            raise TypeError(f"{what}; leave it out for the lexicon that is shipped")
    return list(map(Path, given))


def _keep_participles(lexicon: Lexicon, terms: Terms) -> None:
    """Give a phrase the classes of the participle in it: "was blocked" and "blocked by" are blocked, whatever else they are."""
    for term in [*terms, *lexicon.cues_of]:
        if classes := terms.get(participle_in(term)):
            terms[term] = tuple(dict.fromkeys((*terms.get(term, ()), *classes)))


class _Reader:
    """Adds one TOML file to a lexicon, and says where it went wrong."""

    def __init__(self, lexicon: Lexicon, terms: Terms, path: Path) -> None:
        self.lexicon, self.terms, self.path = lexicon, terms, path

    def read(self) -> None:
        """Read every table of the file."""
        tables: dict[str, Callable[[str, Any], None]] = {
            "terms": self._terms,
            "family": self._family,
            "cue": self._cue,
            "actors": self._actor,
        }
        for table, content in self._parse().items():
            if not isinstance(content, dict):
                self._fail(table, "", f"expected a table, got {type(content).__name__}")
            if table == "stops":
                self._keys(table, content, {"words"}, {"words"})
                self.lexicon.stops += tuple(self._words(table, "words", content["words"]))
            elif table in tables:
                for name, value in content.items():
                    tables[table](name, value)
            else:
                self._fail(table, "", f"unknown table; expected one of {sorted([*tables, 'stops'])}")

    def _parse(self) -> dict[str, Any]:
        import tomllib

        try:
            return tomllib.loads(self.path.read_text(encoding="utf-8-sig"))  # editors on Windows begin a file with a mark of its encoding
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise LexiconError(f"{self.path}: {error}") from error

    def _fail(self, table: str, key: str, what: str) -> None:
        where = f"[{table}]" + (f" {key}" if key else "")
        raise LexiconError(f"{self.path}: {where}: {what}")

    def _keys(self, table: str, value: Any, known: set[str], needed: Iterable[str] = ()) -> None:
        if not isinstance(value, dict):
            self._fail(table, "", f"expected a table, got {type(value).__name__}")
        for key in sorted(set(value) - known):
            self._fail(table, key, f"unknown key; expected one of {sorted(known)}")
        for key in sorted(set(needed) - set(value)):
            self._fail(table, key, "missing")

    def _words(self, table: str, key: str, words: Any) -> list[str]:
        """Return words as they stand in a text that is read; "wasn t" is nothing more than "not", which would be hidden in "was not"."""
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            self._fail(table, key, "expected a list of strings")
        for word in words:
            if not TERM.fullmatch(word):
                self._fail(table, key, f"{word!r}: write lower-case letters and digits with single blanks (hyphens and dots as blanks)")
            if len(word) > LONGEST_TERM:
                self._fail(table, key, f"{word!r:.60} is longer than {LONGEST_TERM} characters; give its first words")
        return [written for word in words if (written := expanded(word)) == word or not written.endswith(" not")]

    def _one_of(self, table: str, key: str, value: Any, allowed: Iterable[Any]) -> None:
        if value not in (choices := list(allowed)):
            self._fail(table, key, f"{value!r} is not one of {choices}")

    def _terms(self, name: str, value: Any) -> None:
        table = f"terms.{name}"
        self._keys(table, value, {"verbs", "nouns", "words"})
        forms = [f for v in self._words(table, "verbs", value.get("verbs", [])) for f in verb_forms(v)]
        forms += [f for n in self._words(table, "nouns", value.get("nouns", [])) for f in plural(n)]
        forms += self._words(table, "words", value.get("words", []))
        for form in [one for base in forms for one in (base, *in_digits(base))]:
            have = self.terms.get(form, ())
            if name not in have:
                self.terms[form] = (*have, name)

    def _family(self, name: str, value: Any) -> None:
        table = f"family.{name}"
        known = {"group", "rung", "plover", "mid", "base_mode", "frames", "moves", "covers", "unless"}
        if name not in self.lexicon.families:
            self._keys(table, value, known, {"group", "rung", "plover", "mid", "frames"})
            self._one_of(table, "group", value["group"], GROUPS)
            self._one_of(table, "rung", value["rung"], range(6))
            self._one_of(table, "plover", value["plover"], PLOVER)
            self._one_of(table, "base_mode", value.get("base_mode", "actual"), MODES)
            self._one_of(table, "mid", value["mid"], range(1, 6))
            self._words_of_classes(table, "covers", value.get("covers", []))
            self.lexicon.families[name] = Family(name, **with_tuples({k: v for k, v in value.items() if k not in ("frames", "unless")}))
        self._keys(table, value, known)
        self._longer(table, self.lexicon.families[name]._asdict(), value)
        vetoes = self._words_of_classes(table, "unless", value.get("unless", []))
        if vetoes and not value.get("frames"):
            self._fail(table, "unless", "it vetoes only the frames given here, of which there are none; give `frames`, or leave it out")
        for number, frame in enumerate(value.get("frames", []), 1):
            self._frame(name, f"{table}.frames[{number}]", frame, vetoes)

    def _frame(self, family: str, table: str, value: Any, vetoes: Sequence[str]) -> None:
        self._keys(table, value, {"any", "act", "object", "gap", "order", "unless"})
        if ("any" in value) == ("act" in value) or ("act" in value) != ("object" in value):
            self._fail(table, "any/act/object", "give either `any`, or `act` with `object`")
        self._one_of(table, "order", value.get("order", "any"), ORDERS)
        names = {k: tuple(self._words_of_classes(table, k, value.get(k, []))) for k in ("any", "act", "object", "unless")}
        act = names["any"] or names["act"]
        gap = self._number(table, "gap", value.get("gap", 6))
        unless = tuple(dict.fromkeys(c for c in (*names["unless"], *vetoes) if c in names["unless"] or c not in (*act, *names["object"])))
        self.lexicon.frames.append(Frame(family, act, names["object"], gap, value.get("order", "any"), unless))

    def _words_of_classes(self, table: str, key: str, names: Any) -> list[str]:
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            self._fail(table, key, "expected a list of class names")
        return list(names)

    def _number(self, table: str, key: str, value: Any) -> int:
        if not is_number(value):
            self._fail(table, key, f"{value!r}: expected a whole number, 0 to {LONGEST}")
        return int(value)

    def _cue(self, name: str, value: Any) -> None:
        table = f"cue.{name}"
        known = {"mode", "direction", "scope", "rank", "verbs", "words", "families", "except_families", "only_over", "comma", *ASKED}
        if name not in self.lexicon.cues:
            self._keys(table, value, known, {"mode", "direction", "scope", "rank", *({} if "verbs" in value else {"words"})})
            self._one_of(table, "mode", value["mode"], MODES)
            self._number(table, "scope", value["scope"])
            self._number(table, "rank", value["rank"])
            self._one_of(table, "direction", value["direction"], DIRECTIONS)
            for key in ("after", "before", "closed_by"):
                self._words(table, key, value.get(key, []))
            for key in ("families", "except_families"):
                self._words_of_classes(table, key, value.get(key, []))
            self.lexicon.cues[name] = Cue(name, **with_tuples({k: v for k, v in value.items() if k not in ("verbs", "words")}))
        self._keys(table, value, known)
        known_cue = self.lexicon.cues[name]
        self.lexicon.cues[name] = known_cue._replace(**self._longer(table, known_cue._asdict(), value))
        verbs = self._words(table, "verbs", value.get("verbs", []))
        forms = [form for verb in verbs for form in verb_forms(verb)] + self._words(table, "words", value.get("words", []))
        for word in [one for base in forms for one in (base, *in_digits(base))]:
            have = self.lexicon.cues_of.get(word, ())
            if name not in have:
                self.lexicon.cues_of[word] = (*have, name)

    def _longer(self, table: str, known: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the lists of a cue or family that `value` makes longer; nothing else of it can change, and no list be begun."""
        longer: dict[str, Any] = {}
        for key, given in value.items():
            have = known.get(key)
            if isinstance(have, tuple) and have:
                longer[key] = tuple(dict.fromkeys((*have, *self._words_of_classes(table, key, given))))
            elif key in known and given != (list(have) if isinstance(have, tuple) else have):
                self._fail(table, key, f"{given!r:.60}, but what you extend has {have!r:.60}; leave the key out, or choose another name")
        return longer

    def _actor(self, name: str, value: Any) -> None:
        table = f"actors.{name}"
        self._keys(table, value, {"kind", "names", "demonyms", "governments", "cased"}, {"kind"})
        self._one_of(table, "kind", value["kind"], ACTOR_KINDS)
        actor = Actor(name, value["kind"])
        if (known := self.lexicon.actors.setdefault(name, actor)) != actor:
            self._fail(table, "kind", f"{actor.kind!r}, but what you extend is {known.kind!r}; say the same, or choose another name")
        for key in ("names", "demonyms", "governments"):
            for word in self._words(table, key, value.get(key, [])):
                self._give(table, key, self.lexicon.actors_of, word, name)
        cased = value.get("cased", [])
        if not isinstance(cased, list) or not all(isinstance(form, str) and form.isascii() for form in cased):
            self._fail(table, "cased", "expected a list of ASCII strings")
        for form in cased:
            self._give(table, "cased", self.lexicon.cased, form.replace(".", ""), name)

    def _give(self, table: str, key: str, owners: dict[str, str], word: str, name: str) -> None:
        """Give a name to an actor; one that another has would go on naming that one, or take it from it, without a word."""
        if owners.setdefault(word, name) != name:
            self._fail(table, key, f"{word!r} names {owners[word]!r} already; leave it out here")
