"""The lexicon: term classes, signal families with their frames, context cues and actors, read from TOML and validated.

The files beside this module are the default lexicon. :meth:`Lexicon.load` reads them, and your own files after them: a class,
family or cue of the same name is *extended*, a new one is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple

from escalate.errors import LexiconError
from escalate.inflect import expanded, in_digits, participle_in, plural, verb_forms

__all__ = ["MODES", "Actor", "Cue", "Family", "Frame", "Lexicon"]

Mode = Literal["actual", "threatened", "hypothetical", "negated", "past", "figurative"]
MODES: tuple[Mode, ...] = ("actual", "threatened", "hypothetical", "negated", "past", "figurative")
GROUPS = ("escalatory", "pressure", "deescalatory", "counter")
PLOVER = (
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN",
    "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT", "FIGHT", "NONE",
)  # fmt: skip
ACTOR_KINDS = ("state", "armed_group", "alliance", "organization")
ACTOR_CLASSES = ("actor", *(f"actor_{kind}" for kind in ACTOR_KINDS), "actor_group", "government_actor")
ORDERS = ("any", "forward", "backward")
DIRECTIONS = ("forward", "backward", "sentence", "adjacent")
LONGEST = 1000
"""What a gap, scope or rank may be at most; no sentence has so many words."""

GENERATION = 36
"""Years after which a year is history wherever it is named."""

YEARS = range(1900, 2201)
"""What "now" can be: earlier there is no class of old years, and every later year would be a word of its own."""

YEAR_CLASS = "old_year"
YEAR_CUES = ("year", "year_of_force")
"""The class of such a year, and the cues of ``context.toml`` that every past year is."""

COMPARED = ("as in", "like in", "unlike in", "not since", "since the", "first time since", "first time since the")
COMPARED_FROM = 1900
NO_CUE = "looks_like"
"""What stands before a year from then on to which today is compared, and the cue that is none."""

LONGEST_TERM = 100
"""Characters of the longest term: longer ones would never be looked up."""

_ASKED = ("after", "before", "closed_by", "opens", "asks", "first_verb")
"""What a cue may ask of the words around it."""

DEFAULT_FILES = ("terms.toml", "topics.toml", "signals.toml", "context.toml", "actors.toml")
_TERM = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


class Frame(NamedTuple):
    """A pattern of classes that makes a signal; see the head of ``signals.toml``."""

    family: str
    act: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    gap: int = 6
    order: str = "any"
    unless: tuple[str, ...] = ()


class Family(NamedTuple):
    """A signal family, with its place on the ladder and in the field's ontologies."""

    name: str
    group: str
    rung: int
    plover: str
    mid: int
    base_mode: str = "actual"
    moves: Mapping[str, str] = {}
    covers: tuple[str, ...] = ()
    """Signals (``"family/mode"``) that say nothing of their own where they begin inside one of this family."""


class Cue(NamedTuple):
    """A context cue: words that decide the mode of the signals in their scope."""

    name: str
    mode: str
    direction: str
    scope: int
    rank: int
    families: tuple[str, ...] = ()
    except_families: tuple[str, ...] = ()
    only_over: str = ""
    comma: bool = False
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()
    opens: bool = False
    asks: bool = False
    first_verb: bool = False


class Actor(NamedTuple):
    """A state, armed group, alliance or organization."""

    name: str
    kind: str


@dataclass(repr=False)
class Lexicon:
    """Everything `escalate` knows about words before it has seen a label.

    Attributes
    ----------
    terms : dict of str to tuple of str
        Term -> names of its classes.
    cues_of : dict of str to tuple of str
        Term -> names of its cues.
    actors_of : dict of str to str
        Term -> name of the actor.
    cased : dict of str to str
        Case-sensitive form (``"US"``) -> name of the actor.
    families, frames, cues, actors, stops
        The parts of the grammar.
    """

    terms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cues_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    actors_of: dict[str, str] = field(default_factory=dict)
    cased: dict[str, str] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    cues: dict[str, Cue] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    stops: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return what the lexicon is in one line; all that it holds would be five million characters."""
        sizes = {"terms": len(self.terms), "families": len(self.families), "cues": len(self.cues), "actors": len(self.actors)}
        return f"<escalate.Lexicon: {', '.join(f'{size:,} {name}' for name, size in sizes.items())}>"

    @classmethod
    def load(cls, paths: str | Path | Iterable[str | Path] = (), *, year: int = 2026) -> Lexicon:
        """Read the default lexicon, and after it the files in `paths`.

        Parameters
        ----------
        paths : path or iterable of paths
            Your own TOML files, in the form of the default ones.
        year : int
            "Now": a mention of a year two or more before it counts as the past.

        Returns
        -------
        Lexicon

        Raises
        ------
        LexiconError
            When a file cannot be read or says something unknown; the message names file, table and key. Also when `year` is none.
        TypeError
            When `paths` are no paths.

        Examples
        --------
        >>> "deploy_verb" in Lexicon.load().terms["dispatched"]
        True
        """
        own = _own_files(paths)
        if not _is_year(year):
            raise LexiconError(f"year is {year!r:.60}; expected the year that is now, a whole number from {YEARS[0]} to {YEARS[-1]}")
        here = Path(__file__).parent / "lexicon"
        lexicon = cls()
        lexicon._add_years(year)
        for name in DEFAULT_FILES:
            _Reader(lexicon, here / name).read()
        lexicon._keep_participles()
        lexicon._check(f"{here}: ")  # once all of them are read, since they refer to each other
        for path in own:
            _Reader(lexicon, path).read()
            lexicon._keep_participles()
            lexicon._check(f"{path}: ")
        return lexicon

    @property
    def classes(self) -> list[str]:
        """Names of the term classes, sorted."""
        return sorted({name for names in set(self.terms.values()) for name in names})

    def to_dict(self) -> dict[str, Any]:
        """Return the lexicon as plain data, for the model file."""
        return {
            "terms": self.terms, "cues_of": self.cues_of, "actors_of": self.actors_of, "cased": self.cased,
            "families": {k: _family_data(v) for k, v in self.families.items()}, "frames": [f._asdict() for f in self.frames],
            "cues": {k: _cue_data(v) for k, v in self.cues.items()}, "actors": {k: v.kind for k, v in self.actors.items()},
            "stops": self.stops,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Lexicon:
        """Rebuild a lexicon from :meth:`to_dict`."""
        return cls(
            terms=dict(zip(data["terms"], map(tuple, data["terms"].values()), strict=True)),
            cues_of={k: tuple(v) for k, v in data["cues_of"].items()},
            actors_of=dict(data["actors_of"]),
            cased=dict(data["cased"]),
            families={k: Family(**_with_tuples(v)) for k, v in data["families"].items()},
            frames=[Frame(**_with_tuples(f)) for f in data["frames"]],
            cues={k: Cue(**_with_tuples(v)) for k, v in data["cues"].items()},
            actors={k: Actor(k, v) for k, v in data["actors"].items()},
            stops=tuple(data["stops"]),
        )

    def check(self) -> None:
        """Check everything that :meth:`from_dict` has taken on trust, for data from a file that may have been tampered with.

        Raises
        ------
        LexiconError
            When something is of a wrong kind, or names what does not exist.
        """
        self._check("lexicon: ")

    def _keep_participles(self) -> None:
        """Give a phrase the classes of the participle in it: "was blocked" and "blocked by" are blocked, whatever else they are."""
        for term in [*self.terms, *self.cues_of]:
            if classes := self.terms.get(participle_in(term)):
                self.terms[term] = tuple(dict.fromkeys((*self.terms.get(term, ()), *classes)))

    def _add_years(self, year: int) -> None:
        """Add the years that lie two or more before `year`: terms of a class of their own, and words of the cues of years."""
        for past in range(1800, year - 1):
            self.cues_of[str(past)] = YEAR_CUES
            if past >= COMPARED_FROM:
                self.cues_of |= {f"{words} {past}": (NO_CUE,) for words in COMPARED}
            if past < year - GENERATION:
                self.terms[str(past)] = (YEAR_CLASS,)

    def _check(self, where: str) -> None:
        for fault in _faults(self):
            raise LexiconError(where + fault)


def _is_year(value: object) -> bool:
    return isinstance(value, Integral) and value in YEARS


def _own_files(paths: Any) -> list[Path]:
    """Return the files of one's own, of which one or several were given."""
    several = isinstance(paths, Iterable) and not isinstance(paths, str | PathLike)
    given = list(paths) if several else [paths]
    for path in given:
        if not isinstance(path, str | PathLike):
            what = f"paths: expected the path of a TOML file or a list of them, got {type(path).__name__} ({path!r:.60})"
            raise TypeError(f"{what}; leave it out for the lexicon that is shipped")
    return list(map(Path, given))


def _family_data(family: Family) -> dict[str, Any]:
    """Return a family as plain data; what it covers only where it covers something."""
    return {k: v for k, v in family._asdict().items() if v or k != "covers"}


def _cue_data(cue: Cue) -> dict[str, Any]:
    """Return a cue as plain data; what it asks of the words around it only where it asks."""
    return {k: v for k, v in cue._asdict().items() if v or k not in _ASKED}


def _with_tuples(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping with its lists made tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}


def _faults(lexicon: Lexicon) -> Iterator[str]:
    """Yield what is wrong in the parts of a lexicon, and in what they say of each other."""
    yield from _wrong_terms("terms", [*lexicon.terms, *lexicon.cues_of, *lexicon.actors_of, *lexicon.stops])
    yield from (f"cased: {form!r:.60} is no ASCII text" for form in lexicon.cased if not form or not form.isascii())
    yield from _unknown("terms", lexicon.terms.values(), None)
    yield from _unknown("cues_of", lexicon.cues_of.values(), lexicon.cues)
    yield from _unknown("actors", [[*lexicon.actors_of.values(), *lexicon.cased.values()]], lexicon.actors)
    yield from (
        f"[actors.{actor.name!s:.60}] kind: no {actor.kind!r:.60}" for actor in lexicon.actors.values() if actor.kind not in ACTOR_KINDS
    )
    for name, family in lexicon.families.items():
        yield from _family_faults(name, family, lexicon)
    classes = {*lexicon.classes, *ACTOR_CLASSES}
    for frame in lexicon.frames:
        yield from _frame_faults(frame, lexicon, classes)
    for name, cue in lexicon.cues.items():
        yield from _cue_faults(name, cue, lexicon)


def _wrong_terms(where: str, words: Sequence[Any]) -> Iterator[str]:
    yield from (f"{where}: {word!r:.60} is no term" for word in words if not isinstance(word, str) or not _TERM.fullmatch(word))
    yield from (f"{where}: {word!r:.60} is longer than {LONGEST_TERM} characters" for word in words if len(str(word)) > LONGEST_TERM)


def _unknown(where: str, groups: Iterable[Iterable[Any]], known: Collection[str] | None) -> Iterator[str]:
    """Yield the names that are none, or of which nothing is known; without `known` any name will do."""
    named = {name if isinstance(name, str) else repr(name): isinstance(name, str) for group in groups for name in group}
    yield from (f"{where}: no {name!r:.60}" for name, is_text in named.items() if not is_text or (known is not None and name not in known))


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LONGEST


def _family_faults(name: str, family: Family, lexicon: Lexicon) -> Iterator[str]:
    where = f"[family.{name!s:.60}]"
    if family.name != name or family.group not in GROUPS or family.plover not in PLOVER or family.base_mode not in MODES:
        yield f"{where}: name, group, plover or base_mode is unknown"
    if type(family.rung) is not int or type(family.mid) is not int or not 0 <= family.rung <= 5:
        yield f"{where}: rung and mid must be whole numbers, rung from 0 to 5"
    if not isinstance(family.moves, dict):
        yield f"{where} moves: expected a table, got {type(family.moves).__name__}"
        return
    for mode, target in family.moves.items():
        if mode not in MODES or not _is_kind(target, lexicon):
            yield f"{where} moves: {mode!r:.60} to {target!r:.60} is not mode to 'family/mode'"
    if not isinstance(family.covers, tuple):
        yield f"{where} covers: expected a list, got {type(family.covers).__name__}"
        return
    yield from (f"{where} covers: {kind!r:.60} is not 'family/mode'" for kind in family.covers if not _is_kind(kind, lexicon))


def _is_kind(value: Any, lexicon: Lexicon) -> bool:
    family, _, mode = str(value).partition("/")
    return family in lexicon.families and mode in MODES


def _frame_faults(frame: Frame, lexicon: Lexicon, classes: Collection[str]) -> Iterator[str]:
    where = f"[family.{frame.family!s:.60}] frames"
    if frame.family not in lexicon.families or frame.order not in ORDERS or not _is_number(frame.gap):
        yield f"{where}: family, order or gap is unknown"
    for fault in _unknown(where, [frame.act, frame.object, frame.unless], classes):
        yield f"{fault}; classes are defined in [terms] tables"


def _cue_faults(name: str, cue: Cue, lexicon: Lexicon) -> Iterator[str]:
    where = f"[cue.{name!s:.60}]"
    if cue.name != name or cue.mode not in MODES or cue.direction not in DIRECTIONS or cue.only_over not in ("", *MODES):
        yield f"{where}: name, mode, direction or only_over is unknown"
    if not _is_number(cue.scope) or not _is_number(cue.rank) or set(map(type, (cue.comma, cue.opens, cue.asks, cue.first_verb))) != {bool}:
        yield f"{where}: scope and rank must be whole numbers, comma, opens, asks and first_verb true or false"
    yield from _unknown(f"{where} families", [cue.families, cue.except_families], lexicon.families)
    yield from _wrong_terms(where, [*cue.after, *cue.before, *cue.closed_by])


class _Reader:
    """Adds one TOML file to a lexicon, and says where it went wrong."""

    def __init__(self, lexicon: Lexicon, path: Path) -> None:
        self.lexicon, self.path = lexicon, path

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
        import tomllib  # a shipped model brings its lexicon along, and scoring reads no TOML

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
            if not _TERM.fullmatch(word):
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
            have = self.lexicon.terms.get(form, ())
            if name not in have:
                self.lexicon.terms[form] = (*have, name)

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
            self.lexicon.families[name] = Family(name, **_with_tuples({k: v for k, v in value.items() if k not in ("frames", "unless")}))
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
        if not _is_number(value):
            self._fail(table, key, f"{value!r}: expected a whole number, 0 to {LONGEST}")
        return int(value)

    def _cue(self, name: str, value: Any) -> None:
        table = f"cue.{name}"
        known = {"mode", "direction", "scope", "rank", "verbs", "words", "families", "except_families", "only_over", "comma", *_ASKED}
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
            self.lexicon.cues[name] = Cue(name, **_with_tuples({k: v for k, v in value.items() if k not in ("verbs", "words")}))
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
