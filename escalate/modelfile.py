"""Reading and writing model files: plain JSON with a format number and a checksum of its own content. Nothing is executed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalate.errors import ModelFileError
from escalate.lexicon import Lexicon

if TYPE_CHECKING:
    from escalate.model import Head, Model

__all__ = ["FORMAT", "default_folder", "digest", "from_text", "read_model", "to_text", "write_model"]

FORMAT = 1
"""Number of the file format this version writes; older numbers stay readable."""

MAX_BYTES = 100_000_000
_KIND = "escalate-model"


def default_folder() -> Path:
    """Return the folder of the default model: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).parent
    for folder in (package / "models" / "default", package.parent / "models" / "default"):
        if (folder / "model.json").is_file():
            return folder
    raise ModelFileError(f"no default model beside {package}; reinstall escalate, or train one with `escalate train`")


def to_text(model: Model) -> str:
    """Return `model` as the text of its file; the same model always gives the same text."""
    body = _dump(_to_dict(model))
    return f'{{"kind":"{_KIND}","format":{FORMAT},"sha256":"{_digest(body)}","content":{body}}}\n'


def digest(model: Model) -> str:
    """Return the checksum of a model's content, which names it."""
    return _digest(_dump(_to_dict(model)))


def from_text(text: str, source: str | Path = "model") -> Model:
    """Return the model of a file's text, checked from its form to its checksum; errors name `source`."""
    content = _checked(source, _parse(source, text), text)
    try:
        return _from_dict(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(f"{source}: not a complete model: {type(error).__name__}: {error}") from error


def write_model(model: Model, path: str | Path) -> None:
    """Write `model`; the same model always gives the same bytes."""
    text = to_text(model)
    target = _file(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(target)


def read_model(path: str | Path | None = None) -> Model:
    """Read a model file, checked from its size to its checksum."""
    source = _file(default_folder() if path is None else path)
    return from_text(_read(source), source)


def _file(path: str | Path) -> Path:
    path = Path(path)
    return path if path.suffix == ".json" else path / "model.json"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _dump(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _read(source: Path) -> str:
    try:
        size = source.stat().st_size
        if size > MAX_BYTES:
            raise ModelFileError(f"{source}: {size} bytes; a model file has at most {MAX_BYTES}")
        return source.read_text(encoding="utf-8")
    except OSError as error:
        raise ModelFileError(f"{source}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _no_json(source, error) from error


def _parse(source: str | Path, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_json(source, error) from error


def _no_json(source: str | Path, error: Exception) -> ModelFileError:
    return ModelFileError(f"{source}: not valid JSON (truncated or not a model file): {error}")


def _checked(source: str | Path, data: object, text: str) -> dict[str, Any]:
    if not isinstance(data, dict) or data.get("kind") != _KIND:
        raise ModelFileError(f"{source}: not an escalate model file")
    if type(data.get("format")) is not int or not 1 <= data["format"] <= FORMAT:
        raise ModelFileError(
            f"{source}: format {data.get('format')!r}; this version reads 1 to {FORMAT}; upgrade escalate to read newer files"
        )
    _, _, body = text.partition(',"content":')
    if _digest(body.rstrip()[:-1]) != data.get("sha256"):
        raise ModelFileError(f"{source}: the checksum does not match: the file was changed or damaged; fetch it again")
    content = data["content"]
    if not isinstance(content, dict):
        raise ModelFileError(f"{source}: not a complete model: content is {type(content).__name__}")
    return content


def _to_dict(model: Model) -> dict[str, Any]:
    heads = {n: {"intercept": h.intercept, "features": h.features, "words": h.words, "pooling": h.pooling} for n, h in model.heads.items()}
    return {
        "lexicon": model.lexicon.to_dict(),
        "vocabulary": model.vocabulary,
        "features": model.features,
        "heads": heads,
        "meta": model.meta,
    }


def _from_dict(content: dict[str, Any]) -> Model:
    from escalate.model import HEADS, Model

    heads = {name: _head(value) for name, value in content["heads"].items()}
    model = Model(Lexicon.from_dict(content["lexicon"]), content["vocabulary"], content["features"], heads, content["meta"])
    if not all(isinstance(name, str) for name in (*model.vocabulary, *model.features)):
        raise ValueError("vocabulary and features must be text")
    for name in HEADS:
        head = heads[name]
        if not all(isinstance(weight, int | float) for weight in (*head.features, *head.words, *head.pooling)):
            raise ValueError(f"head {name!r} has weights that are no numbers")
        if (len(head.features), len(head.words), len(head.pooling)) != (len(model.features), len(model.vocabulary), 7):
            raise ValueError(f"head {name!r} does not fit the features")
    return model


def _head(value: dict[str, Any]) -> Head:
    from escalate.model import Head

    return Head(float(value["intercept"]), value["features"], value["words"], value["pooling"])
