"""Which words are one word in other dress: "developing" and "develop", "analyses" and "analysis", "organize" and
"organise".

Rules of English spelling, applied from the plain word to its forms, so that nothing is folded that no rule makes. A
form that is known as a word of its own joins the plain word's class ("building" and "build").
"""

import re
from collections.abc import Collection, Iterable, Iterator

IRREGULAR = {
    "build": "built", "lead": "led", "write": "wrote written", "teach": "taught", "hold": "held", "keep": "kept",
    "make": "made", "run": "ran running", "drive": "drove driven", "sell": "sold", "buy": "bought",
    "give": "gave given", "take": "took taken", "send": "sent", "speak": "spoke spoken", "draw": "drew drawn",
    "choose": "chose chosen", "grow": "grew grown", "think": "thought", "bring": "brought", "deal": "dealt",
    "feed": "fed", "fly": "flew flown", "lay": "laid", "pay": "paid", "say": "said", "sing": "sang sung",
    "spend": "spent", "tell": "told", "win": "won", "undertake": "undertook undertaken",
    "oversee": "oversaw overseen", "understand": "understood", "learn": "learnt", "rebuild": "rebuilt",
    "rewrite": "rewrote rewritten", "meet": "met", "get": "got", "know": "knew known",
}  # fmt: skip
AMERICAN = tuple(
    (re.compile(british + r"\Z"), american)
    for british, american in (
        (r"is(e|es|ed|ing|ation|ations|er|ers)", r"iz\1"),
        (r"ys(e|es|ed|ing)", r"yz\1"),
        (r"our(s|ed|ing|al)?", r"or\1"),
        (r"ogue(s?)", r"og\1"),
        (r"(cent|fib|lit|met|theat)re(s?)", r"\1er\2"),
        (r"programme(s?)", r"program\1"),
        (r"(lic|def|off|pret)ence(s?)", r"\1ense\2"),
        (r"(?<=[aeiou]l)l(ed|ing|er|ers)", r"\1"),
        (r"aluminium", "aluminum"),
        (r"jewellery", "jewelry"),
    )
)
"""British endings, as ESCO has them, and American ones."""
_DOUBLING = re.compile(r"[^aeiou]*[aeiou][bdglmnprt]\Z|.*(?:[^aeiou]mit|fer|[^aeiou][aeiou]l|[^aeiou]gin)\Z")
_SIBILANT = re.compile(r".*(?:s|x|z|ch|sh)\Z")


def plurals(word: str) -> Iterator[str]:
    """More than one of a thing."""
    if len(word) < 3 or not word.isalpha():
        return
    if word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    elif word.endswith("sis"):
        yield word[:-2] + "es"
    elif _SIBILANT.match(word):
        yield word + "es"
    else:
        yield word + "s"


def doings(verb: str) -> Iterator[str]:
    """What a verb becomes: develops, developing, developed."""
    yield from plurals(verb)
    yield from IRREGULAR.get(verb, "").split()
    if verb.endswith("ie"):
        stem = verb[:-2] + "y"
        yield from (stem + "ing", verb + "d")
    elif verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")):
        yield from (verb[:-1] + "ing", verb + "d")
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        yield from (verb + "ing", verb[:-1] + "ied")
    else:
        stem = verb + verb[-1] if _DOUBLING.fullmatch(verb) else verb
        yield from (stem + "ing", stem + "ed")


def american(word: str) -> Iterator[str]:
    """The American spellings of a British word of five letters or more."""
    for british, ending in AMERICAN:
        if len(word) > 4 and british.search(word):
            yield british.sub(ending, word)


def classes(words: Collection[str], verbs: Iterable[str]) -> dict[str, str]:
    """Every word and every form of one, with the plain word of its class. `verbs` are those of the words that are
    verbs."""
    known = set(words)
    plain: dict[str, str] = {}

    def root(word: str) -> str:
        while plain.get(word, word) != word:
            word = plain[word]
        return word

    def join(form: str, word: str) -> None:
        head, other = root(word), root(form)
        if head != other:
            plain[other] = head

    doing = set(verbs) & known
    for word in sorted(known, key=lambda word: (len(word), word)):
        plain.setdefault(word, word)
        forms = [*plurals(word), *(doings(word) if word in doing else ())]
        for form in forms:
            join(form, word)
        for form in (word, *forms):
            for other in american(form):
                join(other, word)
    return {word: root(word) for word in plain}
