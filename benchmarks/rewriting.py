"""How far a score moves when a text is written in another way that changes nothing: blanks, capitals, numbers, names, clutter.

    python benchmarks/rewriting.py --data FOLDER

takes news texts drawn by a seed, rewrites each in some forty ways, and prints for each way how many texts it changed, the mean and
the largest difference of the score, and how many moved by more than 0.05. ``--peer`` measures TF-IDF of words and characters, trained on
the same tables, beside it. ``--worst WAY`` prints the texts that moved most.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from peers import aligned

import escalate

Rewrite = Callable[[str, random.Random], str]
Scores = Callable[[Sequence[str]], NDArray[np.float64]]

TABLES = ("news_short.csv", "news_articles.csv")
MOVED = 0.05
"""A difference that a reader would see."""

LONG_WORD = re.compile(r"(?<![\w-])([a-z]{3,5}[bcdfglmnprst])([a-z]{3,})(?![\w-])")
NUMBER = re.compile(r"(?<![\w.,-])([1-9]\d{0,2})(?![\w%,.-]|\s(?:percent|per cent))")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})\b")
FIRST_NAMES = ("Aldo", "Berit", "Cedric", "Dorte", "Emeric", "Fausto", "Gerwin", "Hedda", "Ilario", "Jorunn")
KNOWN_NAMES = re.compile(
    r"\b(?:Vladimir|Volodymyr|Donald|Joe|Barack|George|Bill|Benjamin|Emmanuel|Boris|David|Tony|Angela|Recep|Bashar|Ali|Mohammed|Mohammad|Mahmoud"
    r"|Hassan|Hussein|Abdul|Ahmed|Ariel|Yasser|Saddam|Nicolas|Narendra|Imran|Sergei|Sergey|Dmitry|John|James|Robert|Michael|William|Richard"
    r"|Mark|Paul|Peter|Thomas|Andrew|Steve|Colin|Condoleezza|Hillary|Mike|Antony|Lloyd)\b(?= [A-Z])"
)


# --- ways of writing -----------------------------------------------------------------------------


def _wrapped(text: str, _: random.Random) -> str:
    return "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in re.split(r"\n\s*", text))


def _cut_words(text: str, draw: random.Random) -> str:
    """Return the text with one word in six cut in two, as narrow columns do."""
    return LONG_WORD.sub(lambda found: f"{found[1]}-\n{found[2]}" if draw.random() < 1 / 6 else found[0], text)


def _numbers(text: str, draw: random.Random) -> str:
    return NUMBER.sub(lambda found: _near(int(found[1]), draw), text)


def _near(number: int, draw: random.Random) -> str:
    """Return another number of about the same size, on the same side of ten and thirty, where a count of dead changes its weight."""
    low, high = next((low, high) for low, high in ((1, 1), (2, 9), (10, 29), (30, 99), (100, 999)) if low <= number <= high)
    return str(draw.randint(max(low, number * 3 // 4), min(high, number * 5 // 4)))


def _weekdays(text: str, draw: random.Random) -> str:
    return WEEKDAY.sub(lambda _: draw.choice(WEEKDAYS), text)


def _first_names(text: str, draw: random.Random) -> str:
    return KNOWN_NAMES.sub(lambda _: draw.choice(FIRST_NAMES), text)


def _words_for(table: str) -> Rewrite:
    """Return a rewriting that puts one word for another: ``this/that`` pairs, both ways."""
    pairs = [pair.replace("_", " ").split("/") for pair in table.split()]
    other = dict(pairs) | {b: a for a, b in pairs}
    known = re.compile(rf"(?<![\w.,-])(?:{'|'.join(map(re.escape, other))})(?![\w,.-]*\w)")
    return lambda text, _: known.sub(lambda found: other[found[0]], text)


def _title_case(text: str, _: random.Random) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" ")) if _is_headline(text) else text


def _lower_case(text: str, _: random.Random) -> str:
    return text.lower() if _is_headline(text) else text


def _tokenised(text: str, _: random.Random) -> str:
    """Set blanks as the Penn Treebank does."""
    text = re.sub(r"(?<=\w)(?=n't\b)|(?<=\w)(?='(?:s|d|m|re|ve|ll)\b)|(?<=[\w'\")])(?=[,;:!?](?:\s|\Z)|\.\Z)", " ", text)
    return re.sub(r'(?<!\S)"([^"]*\w)"(?=\s)', r'" \1 "', text)


def _is_headline(text: str) -> bool:
    return len(text) <= 160 and "\n" not in text


def _plain(change: Callable[[str], str]) -> Rewrite:
    return lambda text, _: change(text)


WAYS: dict[str, Rewrite] = {
    "two blanks": _plain(lambda t: t.replace(" ", "  ")),
    "tab and blank": _plain(lambda t: t.replace(" ", "\t ")),
    "no-break blanks": _plain(lambda t: t.replace(" ", "\u00a0")),
    "Windows line ends": _plain(lambda t: t.replace("\n", "\r\n")),
    "lines of 72 characters": _wrapped,
    "words cut at the end of a line": _cut_words,
    "paragraph tags": _plain(lambda t: "".join(f"<p>{line}</p>" for line in t.split("\n") if line)),
    "bold and links": _plain(lambda t: re.sub(r"\b(troops|forces|army|president|minister|talks)\b", r'<a href="x">\1</a>', t)),
    "entities": _plain(lambda t: t.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#39;")),
    "curly quotation marks": _plain(lambda t: re.sub(r'"([^"]*)"', "\u201c\\1\u201d", t).replace("'", "\u2019")),
    "single quotation marks": _plain(lambda t: re.sub(r'"([^"]*)"', r"'\1'", t)),
    "tokens of a corpus": _tokenised,
    "&": _plain(lambda t: t.replace(" and ", " & ")),
    "long dashes": _plain(lambda t: t.replace(" - ", " \u2014 ")),
    "U.S.": _plain(lambda t: re.sub(r"\bUS\b(?!\S)", "U.S.", t)),
    "five times over": _plain(lambda t: " ".join([t] * 5)),
    "all capitals": _plain(lambda t: t.upper() if _is_headline(t) else t),
    "headline in small letters": _lower_case,
    "headline With Capitals": _title_case,
    "no last full stop": _plain(lambda t: t.rstrip(".")),
    "other numbers": _numbers,
    "other days of the week": _weekdays,
    "other first names": _first_names,
    "numbers as words": _words_for("two/2 three/3 four/4 five/5 six/6 seven/7 eight/8 nine/9 ten/10 twelve/12 twenty/20 fifty/50"),
    "contractions": _words_for(
        "has_not/hasn't have_not/haven't will_not/won't did_not/didn't is_not/isn't was_not/wasn't would_not/wouldn't "
        "cannot/can't could_not/couldn't do_not/don't does_not/doesn't are_not/aren't we_will/we'll they_will/they'll we_have/we've "
        "they_have/they've "
        "we_are/we're they_are/they're"
    ),
    "hyphens": _words_for(
        "ceasefire/cease-fire airstrike/air_strike airstrikes/air_strikes warplanes/war_planes peacekeepers/peace-keepers "
        "counterattack/counter-attack gunfire/gun-fire warship/war-ship warships/war-ships"
    ),
    "spelling": _words_for("defence/defense Defence/Defense centre/center authorised/authorized mobilised/mobilized armour/armor "
                           "manoeuvres/maneuvers programme/program labour/labor neighbouring/neighboring militarised/militarized"),
    "the day without on": _plain(lambda t: re.sub(rf" on ({'|'.join(WEEKDAYS)})\b", r" \1", t)),
    "officials said": _plain(lambda t: f"{t.rstrip('.')}, officials said." if _is_headline(t) and t.endswith(".") else t),
    "number before": _plain(lambda t: f"1. {t}"),
    "heading before": _plain(lambda t: f"Key points\n\n{t}"),
    "dateline with agency": _plain(lambda t: f"NAIROBI, Kenya (AP) - {t}"),
    "dateline in capitals": _plain(lambda t: f"NAIROBI, May 2 - {t}"),
    "bare dateline": _plain(lambda t: f"NAIROBI - {t}"),
    "byline before": _plain(lambda t: f"By Hedda Cornelissen\n\n{t}"),
    "agency behind": _plain(lambda t: f"{t} (Reuters)"),
    "reporters behind": _plain(lambda t: f"{t}\n\n(Reporting by Hedda Cornelissen; Editing by Ilario Brandt)"),
    "photo credit behind": _plain(lambda t: f"{t}\nPhoto: Ilario Brandt/Reuters"),
    "link behind": _plain(lambda t: f"{t} https://example.com/world/2024/05/02/story-1234"),
    "advertisement between": _plain(lambda t: t.replace("\n", "\n\nAdvertisement\n\n", 1)),
    "read more behind": _plain(lambda t: f"{t}\n\nRead more"),
    "page title behind": _plain(lambda t: f"{t} | The Daily Courier" if _is_headline(t) else t),
}  # fmt: skip


# --- measuring -----------------------------------------------------------------------------------


def sample(folder: Path, many: int, seed: int) -> list[str]:
    """Return texts of both tables, at most a quarter of them articles."""
    short, articles = ([row["text"] for row in _rows(folder / name)] for name in TABLES)
    draw = random.Random(seed)
    few = min(many // 4, len(articles))
    return draw.sample(short, min(many - few, len(short))) + draw.sample(articles, few)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moves(texts: Sequence[str], score: Scores, seed: int) -> Iterator[tuple[str, list[tuple[float, str, str]]]]:
    """Yield each way with the texts it changed: how far the score moved, the text, and the text rewritten."""
    before = dict(zip(texts, score(texts), strict=True))
    for name, rewrite in WAYS.items():
        draw = random.Random(seed)
        pairs = [(text, new) for text in texts if (new := rewrite(text, draw)) != text]
        after = score([new for _, new in pairs])
        yield name, [(abs(value - before[text]), text, new) for (text, new), value in zip(pairs, after, strict=True)]


def line(name: str, moved: Sequence[tuple[float, str, str]]) -> list[str]:
    """Return a row of the table."""
    far = np.array([distance for distance, _, _ in moved]) if moved else np.zeros(1)
    return [name, str(len(moved)), f"{far.mean():.4f}", f"{far.max():.3f}", str(int((far > MOVED).sum()))]


def ours(texts: Sequence[str]) -> NDArray[np.float64]:
    return escalate.score(list(texts))


def peer(folder: Path, texts: Sequence[str]) -> Scores:
    """Return TF-IDF trained on the tables without the texts it is asked about."""
    from peers import word_pipeline

    from escalate.tables import read_tables

    table, asked = read_tables([folder / name for name in TABLES]), set(texts)
    rows = [i for i, text in enumerate(table.texts) if text not in asked]
    fitted = word_pipeline().fit([table.texts[i] for i in rows], [table.escal[i] for i in rows])
    return lambda given: np.asarray(fitted.predict_proba(list(given))[:, 1], dtype=np.float64)


def main(argv: Sequence[str] | None = None) -> int:
    """Print how far each way of writing moves the score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="folder with the labelled tables")
    parser.add_argument("--sample", type=int, default=800, metavar="N", help="texts (default 800)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--peer", action="store_true", help="measure TF-IDF instead")
    parser.add_argument("--worst", metavar="WAY", choices=list(WAYS), help="print the ten texts that this way moved most")
    arguments = parser.parse_args(argv)
    texts = sample(arguments.data, arguments.sample, arguments.seed)
    found = dict(moves(texts, peer(arguments.data, texts) if arguments.peer else ours, arguments.seed))
    if arguments.worst:
        for far, text, new in sorted(found[arguments.worst], reverse=True)[:10]:
            print(f"{far:.3f}\n  {text[:300]!r}\n  {new[:300]!r}")
        return 0
    every = [one for moved in found.values() for one in moved]
    lines = [line(name, moved) for name, moved in (*found.items(), ("all", every))]
    print(aligned(["way of writing", "texts", "mean", "largest", f"> {MOVED}"], lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
