"""Build the skill and title tables that ship in `src/bascule/match/data`.

    python -m tools.taxonomy --source DIR [--target src/bascule/match/data] [--report FILE]

`DIR` holds an ESCO skill list and three O*NET tables: `esco_skills_en.jsonl.gz` (id, type, preferred, alt,
description), `onet_technology_skills.jsonl.gz` (preferred, hot, soc), `onet_occupation_data.txt.gz` and
`onet_alternate_titles.txt.gz`. The result is a function of these files and of the tables beside this program alone, and
its version is a digest of itself. `--report` writes what became of the skills in the tables that were there before:
gone, renamed and new ones. After a run, restart anything that has the old tables loaded; `bascule taxonomy --migrate`
brings what is stored to the new ids.
"""

import argparse
import gzip
import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bascule.match.embed import MODEL, Embedder, load_table
from bascule.match.phrases import PhraseTable, Vocabulary, split

from .inflections import classes

HERE = Path(__file__).parent
SOURCES = (
    "esco_skills_en.jsonl.gz",
    "onet_technology_skills.jsonl.gz",
    "onet_occupation_data.txt.gz",
    "onet_alternate_titles.txt.gz",
)
TABLES = (
    "concepts.tsv.gz", "occupations.tsv.gz", "words.txt.gz", "forms.tsv.gz", "phrases.npz", "occupations.npz",
)  # fmt: skip
"""What is shipped, and what the version is a digest of."""
VENDORS = (
    "microsoft", "adobe", "apache", "amazon", "google", "ibm", "oracle", "atlassian", "autodesk", "intuit", "apple",
    "the mathworks", "dassault systemes", "esri", "mozilla", "cisco", "red hat", "bentley", "trimble", "vmware", "hp",
)  # fmt: skip
LOOSE_ENDS = {"and", "or", "of", "the", "to", "in", "for", "with", "a", "an", "by", "on"}
VERB = 3
"""A word that begins so many names of skills is a verb."""
MISLEADING = {
    "real estate", "new product", "new products", "provide information", "work environment", "staff", "new customers",
    "cpt", "nec", "tec", "did", "fastest", "after the deadline",
    # What adverts say of themselves, of what the employer offers and of equal opportunity.
    "job description", "job descriptions", "your career", "application procedure", "work life balance",
    "civil partnership", "pension scheme", "pension schemes", "entertainment program", "be responsible",
    "build trusted", "enjoy working", "stay focused", "innovate",
}  # fmt: skip
"""Names that say far less than the skill or tool they stand for."""


@dataclass
class Concept:
    id: str
    label: str
    scheme: str
    kind: str
    forms: dict[str, bool] = field(default_factory=dict)
    """Each phrase that names it, and whether the phrase alone is not enough (ambiguous)."""
    also: str = ""
    weight: float = 1.0
    occupations: int = 0
    """How many occupations O*NET names it for; 0 where O*NET does not know it."""
    category: str = ""
    """O*NET's kind of technology."""
    wider: list[str] = field(default_factory=list)
    """The ids of what whoever works with this works with."""


def lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from stream


def table(name: str) -> Iterator[list[str]]:
    """The rows of a table beside this program."""
    for line in (HERE / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def plain(label: str) -> str:
    return re.sub(r"\s*\([^)]*\)", "", label).strip()


def phrase(text: str) -> str:
    return " ".join(split(text).words)


def ordinary_words(descriptions: Iterable[str], least: int) -> set[str]:
    """Words that `least` descriptions use in lower case: a product of the same name needs more evidence."""
    seen: Counter[str] = Counter()
    for text in descriptions:
        seen.update(set(re.findall(r"\b[a-z]+\b", text)))
    return {word for word, count in seen.items() if count >= least}


def esco_rows(source: Path) -> list[dict[str, Any]]:
    """ESCO's skills; those that the list lacks are in `esco.tsv`."""
    rows = [json.loads(line) for line in lines(source / SOURCES[0])]
    for id, kind, label, alt in table("esco.tsv"):
        rows.append({"id": id, "type": kind, "preferred": label, "alt": alt.split("|"), "description": "", "reuse": ""})
    return rows


def esco(source: Path, ordinary: set[str]) -> list[Concept]:
    concepts = list[Concept]()
    for row in esco_rows(source):
        kind = "knowledge" if row["type"] == "knowledge" else "skill"
        concept = Concept(row["id"], row["preferred"], "ESCO", kind)
        concept.forms[phrase(plain(row["preferred"]))] = False
        for alt in row["alt"]:
            form = phrase(alt)
            if " " not in form and (form in ordinary or (alt.islower() and len(alt) < 7)):
                continue
            if not LOOSE_ENDS & {form.split(" ")[0], form.split(" ")[-1]}:
                concept.forms.setdefault(form, alt.isupper() and len(alt) < 6)
        concepts.append(concept)
    return concepts


def technologies(source: Path, ordinary: set[str], used: set[str], known: dict[str, Concept]) -> list[Concept]:
    concepts = list[Concept]()
    elsewhere = {name: known[phrase(plain(label))] for name, label in table("same.tsv")}
    for line in lines(source / SOURCES[1]):
        row = json.loads(line)
        name: str = row["preferred"]
        same = elsewhere.get(name) or known.get(phrase(name))
        if same is None and not is_category(name.removesuffix(" software"), row["hot"]):
            same = known.get(phrase(name.removesuffix(" software")))
        concept = same or Concept(row["id"], name, "O*NET", "technology")
        if same is None or same.kind == "knowledge":
            concept.kind = "technology"
        if same:
            concept.also = concept.also or row["id"]
        concept.category = concept.category or row["category"]
        concept.occupations = max(concept.occupations, len(row["soc"]))
        for form, ambiguous in tool_forms(name, row["hot"], ordinary, used):
            concept.forms.setdefault(form, ambiguous)
        if not same:
            concepts.append(concept)
    return concepts


def is_category(base: str, hot: bool) -> bool:
    """Whether an O*NET name, "software" left out, is a kind of tool ("Migration") and not a product ("Ansible")."""
    return not hot and base[1:] == base[1:].lower()


def tool_forms(name: str, hot: bool, ordinary: set[str], used: set[str]) -> Iterator[tuple[str, bool]]:
    """The ways people write a product's name: without 'software', without the vendor, its acronym alone.

    A category ("Human resources software") keeps its full name only, or every mention of the field would be a tool.
    """
    yield phrase(name), phrase(name) in ordinary
    base = name.removesuffix(" software")
    if is_category(base, hot) and (" " in base or phrase(base) in used):
        return
    if base != name:
        yield phrase(base), phrase(base) in used
    acronym = re.fullmatch(r"(.{6,}) ([A-Z][A-Z0-9/]{2,7})", base)
    if acronym and spells(acronym[2], acronym[1]) and phrase(acronym[2]) not in used:
        yield phrase(acronym[2]), not hot
        if hot:
            yield phrase(acronym[1]), False
    vendor = next((v for v in VENDORS if base.lower().startswith(v + " ")), None)
    if vendor:
        rest = phrase(base[len(vendor) :])
        if " " not in rest and rest not in used and len(rest) > 3:
            yield rest, not hot


def spells(acronym: str, name: str) -> bool:
    """Whether the acronym is made of the first letters of the name's words, small words left out or not."""
    letters = iter("".join(word[0] for word in re.findall(r"[A-Za-z]+", name)).upper())
    return all(letter in letters for letter in acronym.replace("/", "") if letter.isalpha())


def bridge(concepts: list[Concept]) -> None:
    """Add the hand-written everyday names; a target nobody knows stops the build."""
    by_label = {phrase(plain(c.label)): c for c in reversed(concepts)}
    by_label |= {phrase(c.label): c for c in reversed(concepts)}
    by_label |= {phrase(c.also.removeprefix("onet-tech:")): c for c in concepts if c.also}
    by_label |= {phrase(name): by_label[phrase(plain(label))] for name, label in table("same.tsv")}
    unknown = list[str]()
    for form, label in table("bridge.tsv"):
        target = by_label.get(phrase(label))
        if target is None:
            unknown.append(label)
            continue
        wanted = phrase(form)
        for concept in concepts:
            if concept is not target:
                concept.forms.pop(wanted, None)
        target.forms[wanted] = False
    if unknown:
        sys.exit(f"bridge.tsv names labels that no concept has: {sorted(set(unknown))}")


def widen(concepts: list[Concept]) -> None:
    """Say what whoever works with a technology works with; a name nobody knows stops the build."""
    named = {concept.label: concept for concept in concepts}
    named |= {c.also.removeprefix("onet-tech:"): c for c in concepts if c.also}
    named |= {name: named[label] for name, label in table("same.tsv")}
    rows = list(table("wider.tsv"))
    categories = {concept.category for concept in concepts}
    unknown = [right for _, _, right in rows if right not in named]
    unknown += [left for kind, left, _ in rows if left not in (named if kind == "technology" else categories)]
    if unknown:
        sys.exit(f"wider.tsv names what no concept has: {unknown}")
    own, of_category = dict[str, list[str]](), dict[str, list[str]]()
    for kind, left, right in rows:
        wider = own.setdefault(named[left].id, []) if kind == "technology" else of_category.setdefault(left, [])
        wider.append(named[right].id)
    for concept in concepts:
        wider = own.get(concept.id) or of_category.get(concept.category, [])
        concept.wider = [id for id in wider if id != concept.id]


def one_owner(concepts: list[Concept], words: "Numbering") -> None:
    """A phrase names one concept: the one it is the label of, else the one with the shortest list of names. Phrases
    that differ in the dress of their words only are one phrase."""
    owners = dict[tuple[str, ...], tuple[Concept, str]]()

    def rank(concept: Concept, form: str) -> tuple[bool, bool, int, str]:
        return (phrase(plain(concept.label)) != form, concept.scheme == "ESCO", len(concept.forms), concept.id)

    for concept in concepts:
        for form in concept.forms:
            bare = words.bare(form)
            if bare not in owners or rank(concept, form) < rank(*owners[bare]):
                owners[bare] = concept, form
    for concept in concepts:
        concept.forms = {
            form: flag for form, flag in concept.forms.items() if owners[words.bare(form)] == (concept, form)
        }


class Numbering:
    """The words of all phrases by number, and every form of a word with its plain word."""

    def __init__(self, concepts: Iterable[Concept], titles: Iterable[str]) -> None:
        forms = [form.split(" ") for concept in concepts for form in concept.forms]
        every = {word for form in (*forms, *(title.split(" ") for title in titles)) for word in form}
        first = Counter(
            form[0]
            for concept in concepts
            if concept.kind == "skill"
            for form in map(str.split, concept.forms)
            if len(form) > 1
        )
        self.plain = classes(every, [word for word, many in first.items() if many >= VERB])
        self.numbers = {word: number for number, word in enumerate(sorted(every))}
        self.vocabulary = Vocabulary(self.numbers, {form: self.numbers[word] for form, word in self.plain.items()})

    def bare(self, form: str) -> tuple[str, ...]:
        """A phrase with its words in plain dress; a word by itself stays as it is."""
        words = form.split(" ")
        return tuple(self.plain[word] for word in words) if len(words) > 1 else (form,)


def arrays(rows: Iterable[tuple[str, int]], words: Numbering, name: str, plain: bool) -> dict[str, Any]:
    keyed = ((words.vocabulary.key(form.split(" "), plain), row) for form, row in rows)
    found = sorted({(value, row) for value, row in keyed if value is not None})
    return {
        f"{name}_keys": np.array([value for value, _ in found], np.uint64),
        f"{name}_rows": np.array([row for _, row in found], np.int32),
    }


def specificity(
    concepts: list[Concept], vocabulary: Vocabulary, table: PhraseTable, texts: list[str], occupations: int
) -> None:
    """A skill named in many descriptions of other skills says little, and so does a tool of many occupations; one of
    a tenth of them or fewer counts in full. 1.0 is rare, 0.1 is everywhere."""
    seen: Counter[int] = Counter()
    for text in texts:
        seen.update({match.row >> 1 for match in table.matches(vocabulary.runs(split(text)))})
    for number, concept in enumerate(concepts):
        named = max(0.2, 1 - math.log1p(seen[number]) / math.log1p(len(texts) / 4))
        used = min(1.0, math.log((occupations + 1) / (concept.occupations + 1)) / math.log(10))
        concept.weight = max(0.1, named * used)


def occupations(source: Path) -> tuple[list[tuple[str, str]], list[tuple[str, int]], list[str]]:
    """Every occupation (code, title), every form of a title with the number of its occupation, and for each occupation
    all its titles as one text."""
    rows = [line.rstrip("\n").split("\t") for line in lines(source / SOURCES[2])][1:]
    jobs = [(code, title) for code, title, _ in rows]
    number = {code: at for at, (code, _) in enumerate(jobs)}
    by_title = {title: code for code, title in jobs}
    forms = dict[tuple[str, int], None]()
    for code, title in jobs:
        for form in (title, title.removesuffix("s"), *re.split(r",? and |, ", title)):
            if len(form.split()) > 1 or form == title:
                forms[phrase(form), number[code]] = None
                forms[phrase(form.removesuffix("s")), number[code]] = None
    texts = [[title] for _, title in jobs]
    for line in list(lines(source / SOURCES[3]))[1:]:
        code, title, short, _ = line.rstrip("\n").split("\t")
        texts[number[code]].append(title)
        for form in (plain(title), short):
            if form != "n/a":
                forms[phrase(form), number[code]] = None
    own = {phrase(form): title for form, title in table("titles.tsv")}
    unknown = sorted({title for title in own.values() if title not in by_title})
    if unknown:
        sys.exit(f"titles.tsv names occupations that O*NET does not have: {unknown}")
    kept = [(form, at) for form, at in forms if form not in own]
    titles = kept + [(form, number[by_title[title]]) for form, title in own.items()]
    return jobs, titles, [". ".join(text) for text in texts]


def write_gzip(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def token_statistics(texts: list[str], target: Path) -> None:
    """Inverse document frequency of each model token, and the mean vector of all texts, for the embedder."""
    weights, tokenizer = load_table()
    counts = np.zeros(len(weights))
    for text in texts:
        counts[np.unique(tokenizer.encode(text, add_special_tokens=False).ids)] += 1
    idf = np.log((len(texts) + 1) / (counts + 1)).astype(np.float16)
    raw = Embedder(weights, tokenizer, idf, np.zeros(weights.shape[1], np.float32))
    mean = np.mean([raw.vector(text) for text in texts], axis=0).astype(np.float32)
    np.savez_compressed(target / "tokens.npz", idf=idf, mean=mean)


def occupation_vectors(texts: list[str], target: Path) -> None:
    """The vector of each occupation's titles, in the order of `occupations.tsv.gz`, as whole numbers: what is asked of
    them is their direction."""
    vectors = Embedder.load(target).vectors(texts)
    whole = np.round(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)
    np.savez_compressed(target / "occupations.npz", vectors=whole, model=np.array(MODEL))


def difference(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """What became of each id (fate, id, label before, label now); ids that stayed the same are left out."""
    gone = [("gone", id, label, "") for id, label in before.items() if id not in after]
    renamed = [("renamed", id, label, after[id]) for id, label in before.items() if id in after and after[id] != label]
    new = [("new", id, "", label) for id, label in after.items() if id not in before]
    return sorted([*gone, *renamed, *new])


def labels_in(target: Path) -> dict[str, str]:
    """The label of every id in the tables there; none where there are no tables."""
    path = target / TABLES[0]
    return dict(line.split("\t")[:2] for line in lines(path)) if path.exists() else {}


def build(source: Path, target: Path, report: Path | None = None) -> None:
    before = labels_in(target)
    rows = esco_rows(source)
    texts = [row["description"] for row in rows if row["description"]]
    texts += [line.rstrip("\n").split("\t")[2] for line in list(lines(source / SOURCES[2]))[1:]]
    labels = [label for row in rows for label in (row["preferred"], *row["alt"])]
    ordinary, used = ordinary_words(texts, 3), ordinary_words(texts + labels, 1)
    concepts = esco(source, ordinary)
    known = {phrase(plain(concept.label)): concept for concept in reversed(concepts)}
    concepts += technologies(source, ordinary, used, known)
    for concept in concepts:
        for form in MISLEADING - {phrase(plain(concept.label))}:
            concept.forms.pop(form, None)
    bridge(concepts)
    widen(concepts)
    jobs, titles, names = occupations(source)

    words = Numbering(concepts, [form for form, _ in titles])
    one_owner(concepts, words)
    skills = arrays(
        ((form, at << 1 | flag) for at, concept in enumerate(concepts) for form, flag in concept.forms.items()),
        words,
        "skill",
        plain=True,
    )
    tables = skills | arrays(titles, words, "title", plain=False)
    keys = skills["skill_keys"]
    if len(np.unique(keys)) != len(keys):
        sys.exit("two phrases share a key: choose another multiplier")
    vocabulary = words.vocabulary
    specificity(concepts, vocabulary, PhraseTable(vocabulary, keys, skills["skill_rows"], plain=True), texts, len(jobs))

    target.mkdir(parents=True, exist_ok=True)
    write_gzip(
        target / "concepts.tsv.gz",
        "".join(
            f"{c.id}\t{c.label}\t{c.scheme}\t{c.kind}\t{c.weight:.2f}\t{c.also}\t{'|'.join(c.wider)}\n"
            for c in concepts
        ),
    )
    write_gzip(target / "occupations.tsv.gz", "".join(f"{code}\t{title}\n" for code, title in jobs))
    write_gzip(target / "words.txt.gz", "\n".join(words.numbers))
    dressed = sorted(form for form, word in words.plain.items() if form != word)
    write_gzip(target / "forms.tsv.gz", "".join(f"{form}\t{words.numbers[words.plain[form]]}\n" for form in dressed))
    np.savez(target / "phrases.npz", **tables)
    token_statistics(texts + [title for _, title in jobs], target)
    occupation_vectors(names, target)
    digest = hashlib.sha256()
    for name in TABLES:
        digest.update((target / name).read_bytes())
    version = {
        "version": f"esco-onet29.2-{digest.hexdigest()[:10]}",
        "concepts": len(concepts),
        "skill_phrases": sum(len(c.forms) for c in concepts),
        "title_phrases": len(titles),
    }
    (target / "version.json").write_text(json.dumps(version, indent=2) + "\n")
    changed = difference(before, labels_in(target))
    print(json.dumps(version | Counter(fate for fate, *_ in changed)))
    if report:
        report.write_text("".join("\t".join(row) + "\n" for row in changed), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the shipped skill and title tables.")
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=HERE.parent / "src" / "bascule" / "match" / "data")
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args()
    build(arguments.source, arguments.target, arguments.report)
