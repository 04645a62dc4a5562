"""Reading and writing model files: plain JSON with a format number and a checksum of its own content. Nothing is executed.

The checksum finds damage. It is no signature: whoever changes a file can also write a new checksum, so everything in the file
is checked again for what it is before a model is made of it. A new format gets a new number and a reader of its own in `_READERS`;
the old readers stay, each with a file in ``tests/fixtures`` that must go on giving the same scores.
"""

from __future__ import annotations

import gc
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, filterfalse, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from escalate.calibration import Calibration
from escalate.errors import ModelFileError
from escalate.lexicon import Lexicon
from escalate.paths import write_whole
from escalate.terms import PackedTerms, pack_terms
from escalate.weights import checked_weights, pack_weights, unpack_weights

if TYPE_CHECKING:
    from escalate.model import Head, Model

__all__ = ["FORMAT", "default_folder", "digest", "from_text", "read_model", "to_text", "uncollected", "write_model"]

FORMAT = 7
"""Number of the file format this version writes; older numbers stay readable."""

MAX_BYTES = 32_000_000
"""A model file is no longer than this, some seven times the default model, so that reading one takes bounded time and memory."""

_KIND = "escalate-model"
_BEFORE_BODY = b',"content":'
_WORD = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*\*?|[^\s&]+:[a-z]+&[^\s&]+")


def default_folder() -> Path:
    """Return the folder of the default model: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).parent
    for folder in (package / "models" / "default", package.parent / "models" / "default"):
        if (folder / "model.json").is_file():
            return folder
    raise ModelFileError(f"no default model beside {package}; reinstall escalate, or train one with `escalate train`")


def to_text(model: Model) -> str:
    """Return `model` as the text of its file; the same model always gives the same text."""
    with uncollected(), _for_writing():
        content = _to_format_7(model)
    body = _dump(content)
    return f'{{"kind":"{_KIND}","format":{FORMAT},"sha256":"{_digest(body)}","content":{body}}}\n'


def digest(model: Model) -> str:
    """Return the checksum that names a model. It is that of a file of format 6: a newer format gives a model no other name."""
    with uncollected(), _for_writing():
        content = _to_format_6(model)
    return _digest(_dump(content))


def from_text(text: str, source: str | Path = "model") -> Model:
    """Return the model of a file's text, checked from its form to its checksum; errors name `source`."""
    return _from_bytes(text.encode("utf-8", "surrogatepass"), text, source, check=True)


def _from_bytes(data: bytes, text: str, source: str | Path, *, check: bool) -> Model:
    """Return the model of a file.

    The shipped file is spared the check of its lexicon and words, which the tests hold: it takes longer than all the rest of loading.
    """
    number, content = _checked(source, _parse(source, text), data)
    try:
        model = _READERS[number](content)
        if check:
            _check(model)
        return model
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelFileError(f"{source}: not a complete model: {type(error).__name__}: {error}") from error


def _check(model: Model) -> None:
    """Check the names in a file: of words, terms, classes and all that refer to them."""
    if wrong := next(filterfalse(_WORD.fullmatch, model.vocabulary), None):
        raise ValueError(f"vocabulary: {wrong!r:.60} is no word, phrase, stem or pair")
    lexicon = model.lexicon
    if isinstance(lexicon.terms, PackedTerms):
        lexicon.terms.check()
        lexicon = replace(lexicon, terms=lexicon.terms.to_dict())  # all are asked for again and again
    lexicon.check()


def write_model(model: Model, path: str | Path) -> None:
    """Write `model`; the same model always gives the same bytes."""
    text = to_text(model)
    target = _file(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
    except OSError as error:
        raise ModelFileError(f"{target}: cannot be written: {error.strerror}") from error


def read_model(path: str | Path | None = None) -> Model:
    """Read a model file, checked from its size to its checksum."""
    source = _file(default_folder() if path is None else path)
    with uncollected():
        data = _read(source)
        return _from_bytes(data, _decoded(source, data), source, check=path is not None)


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the search for cycles of garbage: there are none in models and texts, and it takes a tenth of the time to find that out."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _file(path: str | Path) -> Path:
    path = Path(path)
    return path if path.suffix == ".json" else path / "model.json"


def _digest(body: str | memoryview) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body).hexdigest()


def _dump(content: dict[str, Any]) -> str:
    with _for_writing():
        return json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True, allow_nan=False)


@contextmanager
def _for_writing() -> Iterator[None]:
    """Raise a ModelFileError for what no file can hold."""
    try:
        yield
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelFileError(f"the model cannot be written: {error}; a file holds finite numbers, texts, lists and dicts") from error


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # not its size: a pipe or device has none
        if len(data) > MAX_BYTES:
            raise ModelFileError(f"{source}: longer than the {MAX_BYTES:,} bytes that a model file may have")
        return data
    except OSError as error:
        raise ModelFileError(f"{source}: cannot be read: {error.strerror}") from error


def _decoded(source: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_json(source, error) from error


def _parse(source: str | Path, text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise _no_json(source, error) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON as a dict; of a key that stands twice it would be chance which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r:.60} stands twice in one object")
    return found


def _no_json(source: str | Path, error: Exception) -> ModelFileError:
    return ModelFileError(f"{source}: not valid JSON (truncated or not a model file): {error}")


def _checked(source: str | Path, parsed: object, data: bytes) -> tuple[int, dict[str, Any]]:
    """Return the number of the format, and the content."""
    if not isinstance(parsed, dict) or parsed.get("kind") != _KIND:
        raise ModelFileError(f"{source}: not an escalate model file")
    if type(parsed.get("format")) is not int or not 1 <= parsed["format"] <= FORMAT:
        number = f"{parsed.get('format')!r:.20}"
        raise ModelFileError(f"{source}: format {number}; this version reads 1 to {FORMAT}; upgrade escalate to read newer files")
    start = data.find(_BEFORE_BODY) + len(_BEFORE_BODY)
    body = memoryview(data)[start : data.rindex(b"}")]  # four million bytes, of which no copy is made
    if _digest(body) != parsed.get("sha256"):
        raise ModelFileError(f"{source}: the checksum does not match: the file was changed or damaged; fetch it again")
    content = parsed["content"]
    if not isinstance(content, dict):
        raise ModelFileError(f"{source}: not a complete model: content is {type(content).__name__}")
    return parsed["format"], content


def _to_dict(model: Model) -> dict[str, Any]:
    """Return the content of a file, with terms and weights as they are."""
    heads = {
        name: {"intercept": float(h.intercept), "features": _floats(h.features), "words": _floats(h.words), "pooling": _floats(h.pooling)}
        for name, h in model.heads.items()
    }
    return {
        "lexicon": model.lexicon.to_dict() | {"cues_of": _packed(model.lexicon.cues_of)},
        "vocabulary": model.vocabulary,
        "features": model.features,
        "calibration": model.calibration.to_dict(),
        "heads": heads,
        "meta": model.meta,
    }


def _floats(weights: Sequence[float]) -> list[float]:
    return list(map(float, weights))


def _to_format_6(model: Model) -> dict[str, Any]:
    content = _to_dict(model)
    content["lexicon"]["terms"] = _packed(content["lexicon"]["terms"])
    return content


def _to_format_7(model: Model) -> dict[str, Any]:
    content = _to_dict(model)
    classes, groups = pack_terms(content["lexicon"]["terms"])
    content["lexicon"]["terms"] = {"classes": classes, "groups": groups}
    for head in content["heads"].values():
        head |= {part: pack_weights(head[part]) for part in ("features", "words")}
    return content


# --- format 1 ------------------------------------------------------------------------------------


def _read_format_1(content: dict[str, Any]) -> Model:
    from escalate.model import HEADS, Model

    lexicon = Lexicon.from_dict(content["lexicon"])
    vocabulary, features = _names(content["vocabulary"], "vocabulary"), _names(content["features"], "features")
    heads = {name: _head(name, value, len(features), len(vocabulary)) for name, value in content["heads"].items()}
    if missing := [name for name in HEADS if name not in heads]:
        raise ValueError(f"no head {missing[0]!r}")
    if not isinstance(content["meta"], dict):
        raise TypeError(f"meta is {type(content['meta']).__name__}")
    return Model(lexicon, vocabulary, features, heads, meta=content["meta"])


# --- format 2: with a calibration ----------------------------------------------------------------


def _read_format_2(content: dict[str, Any]) -> Model:
    value = content["calibration"]
    calibration = Calibration.from_dict(value)
    checked_weights([value[name] for name in ("constant", "low_slope", "high_slope", "shift")], 4, "calibration")
    for knot in value["knots"]:
        checked_weights(knot, 3, "calibration: knot")
    return replace(_read_format_1(content), calibration=calibration)


# --- format 3: terms by their classes ------------------------------------------------------------


def _read_format_3(content: dict[str, Any]) -> Model:
    model = _read_format_2({**content, "lexicon": {**content["lexicon"], "terms": {}}})
    return replace(model, lexicon=replace(model.lexicon, terms=_unpacked(content["lexicon"]["terms"])))


# --- format 5: cues by their names, as terms by their classes; with a soft maximum ----------------


def _read_format_5(content: dict[str, Any]) -> Model:
    model = _read_format_3({**content, "lexicon": {**content["lexicon"], "cues_of": {}}})
    return replace(model, lexicon=replace(model.lexicon, cues_of=_unpacked(content["lexicon"]["cues_of"])))


def _packed(terms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the terms of each set of classes as one text: a third of the bytes, and read in a fifth of the time."""
    groups: dict[str, list[str]] = {}
    for term, classes in terms.items():
        groups.setdefault(" ".join(classes), []).append(term)
    return {classes: "\n".join(sorted(group)) for classes, group in groups.items()}


def _unpacked(groups: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    names = "\n".join(groups.values()).split("\n") if groups else []
    sizes = [group.count("\n") + 1 for group in groups.values()]
    classes = chain.from_iterable(map(repeat, [tuple(group.split(" ")) for group in groups], sizes))
    terms = dict(zip(names, classes, strict=True))
    if len(terms) < len(names):
        raise ValueError(f"lexicon: {len(names) - len(terms)} terms stand twice")
    return terms


# --- format 7: terms by their beginnings, weights as texts -----------------------------------------


def _read_format_7(content: dict[str, Any]) -> Model:
    found, lexicon = content["lexicon"]["terms"], content["lexicon"]
    heads = {
        name: {**head, "features": unpack_weights(head["features"]), "words": unpack_weights(head["words"])}
        for name, head in content["heads"].items()
    }
    model = _read_format_5({**content, "lexicon": {**lexicon, "terms": {}}, "heads": heads})
    packed = PackedTerms(_names(found["classes"], "lexicon: classes"), found["groups"])
    return replace(model, lexicon=replace(model.lexicon, terms=packed))


# --- parts of a model ----------------------------------------------------------------------------


def _names(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value) or len(set(value)) < len(value):
        raise ValueError(f"{what} must be a list of different texts")
    return value


def _head(name: str, value: dict[str, Any], features: int, words: int) -> Head:
    from escalate.model import Head

    pooling = [*value["pooling"], 0.0][:8]  # before format 5 there was no soft maximum
    intercept = checked_weights([value["intercept"]], 1, f"head {name!r}: intercept")[0]
    parts = {"features": (value["features"], features), "words": (value["words"], words), "pooling": (pooling, 8)}
    return Head(float(intercept), *[checked_weights(weights, size, f"head {name!r}: {part}") for part, (weights, size) in parts.items()])


_READERS: dict[int, Callable[[dict[str, Any]], Model]] = {
    1: _read_format_1, 2: _read_format_2, 3: _read_format_3, 4: _read_format_3, 5: _read_format_5,
    6: _read_format_5, 7: _read_format_7,
}  # fmt: skip
"""The reader of each format. Cues of format 4 may ask for more, families of format 6 cover others; what they do not is left out, so that
they are read as ever."""
