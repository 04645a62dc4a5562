"""What a fine-tuned sentence encoder thinks of every short text and contrast sentence, from whose source it has not learned.

    python benchmarks/teacher.py --encoder FOLDER --data FOLDER [--out seeds/teacher.npz] [--part sources|folds] [--work FOLDER]

The default model learns from these opinions beside the labels (see ``escalate.teacher``). They are data: no build, test or score needs
this script. It takes torch, transformers, and the weights of a small encoder (all-MiniLM-L6-v2 was used); 48 fine-tunings take some
seventeen minutes on a GPU, and come out a little different each time. So that a left-out source or fold stays left out, there is a
column of opinions for each, by encoders that have not seen it. Columns are kept in the work folder, and made once.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score, roc_auc_score
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import AutoModel

from escalate.tables import PARAGRAPH_FOLD, Table, read_tables
from escalate.teacher import Teacher

ROOT = Path(__file__).resolve().parents[1]
CONTRASTS = ROOT / "seeds" / "contrasts.jsonl"
MODES = {mode: i for i, mode in enumerate("athdpfn")} | {
    mode: i for i, mode in enumerate(("actual", "threatened", "hypothetical", "negated", "past", "figurative", "none"))
}
RUNGS, DIRECTIONS, MODE = slice(1, 6), slice(6, 9), slice(9, 16)
"""Places of the heads beside the first, whether the text reports escalation."""
EPOCHS, BATCH, RATE, LONGEST = 3, 64, 6e-5, 80
PARTS = 4
"""Parts of the sources (and of the contrast groups) that are left out in turn to get an opinion on them."""
BLOCKS = 6
"""Blocks of sources that are left out of a whole column."""

Rows = NDArray[np.intp]
Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Texts:
    """Short texts and contrast sentences, cut into pieces of words, with all their labels."""

    table: Table
    group: NDArray[Any]
    pieces: list[list[int]]
    escal: NDArray[np.int_]
    rung: NDArray[np.int_]
    direction: NDArray[np.int_]
    mode: NDArray[np.int_]

    @classmethod
    def read(cls, data: Path, encoder: Path) -> Texts:
        """Return the texts, each contrast sentence under the name of its own group."""
        table = read_tables([data / "news_short.csv"])
        news = len(table)
        table.extend(read_tables([CONTRASTS]))
        lines = CONTRASTS.read_text(encoding="utf-8").splitlines()
        group = np.array([*table.group[:news], *("contrast " + json.loads(line)["group"] for line in lines)])
        tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        pieces = [found.ids for found in tokenizer.encode_batch(table.texts)]
        rung = np.array([-1 if r is None else r for r in table.rung])
        direction = np.array([-100 if d is None else d + 1 for d in table.direction])
        mode = np.array([MODES.get(m, -100) for m in table.mode])
        return cls(table, group, pieces, np.array(table.escal), rung, direction, mode)

    @property
    def is_news(self) -> NDArray[np.bool_]:
        """Which texts are news; the others are contrast sentences."""
        return np.array([not group.startswith("contrast ") for group in self.group])

    @property
    def sources(self) -> list[str]:
        """Names of the sources of news, the largest first."""
        names, counts = np.unique(self.group[self.is_news], return_counts=True)
        return [str(name) for name in names[np.argsort(-counts, kind="stable")]]


class Reader(nn.Module):
    """The encoder with one layer on the mean of its last states."""

    def __init__(self, encoder: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder, dtype=torch.float32)
        self.heads = nn.Linear(self.encoder.config.hidden_size, 16)
        self.dropout = nn.Dropout(0.1)

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """Return the log-odds of all heads."""
        known = (pieces > 0).long()
        with torch.autocast(pieces.device.type, torch.bfloat16):
            states = self.encoder(input_ids=pieces, attention_mask=known).last_hidden_state
            mean = (states * known[..., None]).sum(1) / known.sum(1, keepdim=True)
            heads: torch.Tensor = self.heads(self.dropout(mean))
        return heads.float()


def padded(pieces: Sequence[Sequence[int]], device: str) -> torch.Tensor:
    """Return texts as one tensor, filled up with zeros (the encoder's sign for nothing)."""
    rows = np.zeros((len(pieces), max(map(len, pieces))), np.int64)
    for row, found in zip(rows, pieces, strict=True):
        row[: len(found)] = found
    return torch.tensor(rows, device=device)


def batches(texts: Texts, rows: Rows, seed: int) -> Iterator[Rows]:
    """Yield the batches of one epoch; texts of like length stand together."""
    rng = np.random.default_rng(seed)
    shuffled, block = rng.permutation(rows), BATCH * 20
    length = np.array([len(found) for found in texts.pieces])
    ordered = np.concatenate([part[np.argsort(length[part])] for part in np.split(shuffled, range(block, len(rows), block))])
    found = [ordered[at : at + BATCH] for at in range(0, len(rows) - BATCH + 1, BATCH)]
    for at in rng.permutation(len(found)):
        yield found[at]


def loss(heads: torch.Tensor, texts: Texts, rows: Rows) -> torch.Tensor:
    """Return the loss of a batch: the label above all, rung, direction and mode where they are known."""
    escal, rung, direction, mode = (
        torch.tensor(column[rows], device=heads.device) for column in (texts.escal, texts.rung, texts.direction, texts.mode)
    )
    total = functional.binary_cross_entropy_with_logits(heads[:, 0], escal.float())
    reached = (rung[:, None] >= torch.arange(1, 6, device=heads.device)).float()
    graded = functional.binary_cross_entropy_with_logits(heads[:, RUNGS], reached, reduction="none").sum(1)
    total = total + 0.2 * (graded * (rung >= 0)).mean()
    for place, target in ((DIRECTIONS, direction), (MODE, mode)):
        if bool((target >= 0).any()):
            total = total + 0.3 * functional.cross_entropy(heads[:, place], target)
    return total


def fine_tuned(texts: Texts, rows: Rows, encoder: Path, seed: int, device: str) -> Reader:
    """Return an encoder that has learned from `rows`."""
    torch.manual_seed(seed)
    reader = Reader(encoder).to(device).train()
    slow, fast = list(reader.encoder.parameters()), list(reader.heads.parameters())
    optimizer = torch.optim.AdamW([{"params": slow, "lr": RATE}, {"params": fast, "lr": 1e-3}], weight_decay=0.01)
    steps = EPOCHS * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 150) * max(0.0, 1 - step / steps))
    for epoch in range(EPOCHS):
        for batch in batches(texts, rows, 100 * seed + epoch):
            optimizer.zero_grad()
            loss(reader(padded([texts.pieces[i] for i in batch], device)), texts, batch).backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return reader.eval()


def opinions(reader: Reader, pieces: Sequence[list[int]], device: str) -> Logits:
    """Return the log-odds of all heads, a row for each text."""
    order = np.argsort([len(found) for found in pieces])
    found = np.zeros((len(pieces), 16), np.float32)
    with torch.inference_mode():
        for at in range(0, len(order), 512):
            rows = order[at : at + 512]
            found[rows] = reader(padded([pieces[i] for i in rows], device)).cpu().numpy()
    return found


def blocks_of(texts: Texts, sources: Sequence[str], count: int) -> list[list[str]]:
    """Return sources, the largest of which stand first, in blocks of like size."""
    sizes = {source: int((texts.group == source).sum()) for source in sources}
    found: list[list[str]] = [[] for _ in range(count)]
    for source in sources:
        min(found, key=lambda part: sum(sizes[name] for name in part)).append(source)
    return found


def column(texts: Texts, unseen: NDArray[np.bool_], encoder: Path, device: str) -> Logits:
    """Return opinions on all texts but the unseen ones, each by an encoder that has learned from neither its part nor the unseen."""
    written = np.array(
        [-1 if is_news else zlib.crc32(group.encode()) % PARTS for group, is_news in zip(texts.group, texts.is_news, strict=True)]
    )
    found = np.full((len(texts.pieces), 16), np.nan, np.float32)
    seen = [source for source in texts.sources if not unseen[texts.group == source].all()]
    for at, part in enumerate(blocks_of(texts, seen, PARTS)):
        asked = ~unseen & (np.isin(texts.group, part) | (written == at))
        reader = fine_tuned(texts, np.flatnonzero(~unseen & ~asked), encoder, at, device)
        found[asked] = opinions(reader, [texts.pieces[i] for i in np.flatnonzero(asked)], device)
    return found


def all_columns(texts: Texts, part: str) -> Iterator[tuple[list[str], NDArray[np.bool_]]]:
    """Yield what each column has not seen: nothing, each block of sources, each fold; paragraphs and articles are never learned from."""
    if part != "folds":
        yield ["paragraphs", str(PARAGRAPH_FOLD)], np.zeros(len(texts.group), bool)
        for block in blocks_of(texts, texts.sources, BLOCKS):
            yield block, np.isin(texts.group, block)
    if part != "sources":
        folds = np.array(texts.table.fold)
        for fold in np.unique(folds[texts.is_news]):
            yield [str(fold)], texts.is_news & (folds == fold)


def calibrated(texts: Texts, heads: Logits) -> NDArray[np.float64]:
    """Return the log-odds of escalation, made as sure as they are right."""
    known = ~np.isnan(heads[:, 0])
    fitted = LogisticRegression(C=1e6).fit(heads[known, :1], texts.escal[known])
    found = np.full(len(heads), np.nan)
    found[known] = fitted.decision_function(heads[known, :1])
    return found


def report(texts: Texts, heads: Logits) -> None:
    """Print how good the encoder itself is, on sources it has not learned from."""
    selection = np.array(texts.table.selection)
    for name, inside in (
        ("random + keyword", np.isin(selection, ["random", "keyword"])),
        ("diverse", selection == "diverse"),
        ("uncertain", selection == "uncertain"),
    ):
        label, rung, direction = texts.escal[inside], texts.rung[inside], texts.direction[inside]
        level = np.rint((1 / (1 + np.exp(-heads[inside, RUNGS]))).sum(1)).astype(int)
        graded, turned = rung >= 0, direction >= 0
        print(
            f"{name:18} AUROC {roc_auc_score(label, heads[inside, 0]):.3f}  AP {average_precision_score(label, heads[inside, 0]):.3f}"
            f"  level kappa {cohen_kappa_score(rung[graded], level[graded], weights='quadratic'):.3f}"
            f"  direction F1 {f1_score(direction[turned], heads[inside, DIRECTIONS].argmax(1)[turned], average='macro'):.3f}"
        )
    news = (texts.mode >= 0) & texts.is_news
    print(f"mode macro-F1 {f1_score(texts.mode[news], heads[news, MODE].argmax(1), average='macro'):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", type=Path, required=True, help="folder with the weights and the tokenizer")
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled tables")
    parser.add_argument("--out", type=Path, default=ROOT / "seeds" / "teacher.npz")
    parser.add_argument("--part", choices=["all", "sources", "folds"], default="all", help="make only these columns; write no file")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "teacher", help="where finished columns are kept")
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    texts = Texts.read(arguments.data, arguments.encoder)
    arguments.work.mkdir(parents=True, exist_ok=True)
    found, began = [], time.monotonic()
    for names, unseen in all_columns(texts, arguments.part):
        kept = arguments.work / f"{names[0]}.npy"
        if not kept.exists():
            np.save(kept, column(texts, unseen, arguments.encoder, device).astype(np.float16))
        found.append((names, np.load(kept).astype(np.float32)))
        print(f"{time.monotonic() - began:4.0f} s  without {', '.join(names)}", flush=True)
    if arguments.part != "folds":
        report(texts, found[0][1])
    if arguments.part == "all":
        Teacher.of(texts.table.texts, [(names, calibrated(texts, heads)) for names, heads in found]).save(arguments.out)


if __name__ == "__main__":
    main()
