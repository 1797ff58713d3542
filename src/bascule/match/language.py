"""Which language is this text in? A vote of everyday words, for the languages resumes here are written in.

Small on purpose: a resume has hundreds of words, and the answer only chooses word lists and headings.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Container

from .phrases import Words, split

_EVERYDAY = {
    "en": "the and of to in for with on at from by as is was were are that this have has i my an or which be",
    "de": "der die das und in von mit für auf im den des bei als zu dem eine ein sowie zur zum ist nach über durch aus",
    "sv": "och i att det som en på är av för med till den har ett om inom samt jag från vid hos där min var",
    "fr": "de la le et les des en du un une pour dans au aux par sur avec que est ce chez ses mon ma l d",
    "nl": "de het een en van in op met voor te bij aan als is zijn dat door naar ik uit om tot werd mijn",
    "es": "de la el y en los las del con para por una un que se al como su más es desde mi",
    "it": "di e il la in per del con della dei delle le un una che al da nel sono come alla ho mio",
    "da": "og i at det som en på er af for med til den har et om samt jeg fra ved hos der min blev",
    "pl": "i w na z do oraz od dla przez jest się że za po pracy o jako przy",
    "pt": "de e o a em da do para com os as um uma na no dos das por que ao como meu",
    "fi": "ja on oli että sekä olen kanssa joka myös ei vuoden mukaan kuin sen minun työ",
}
_SHARES = {language: 25 / len(words.split()) for language, words in _EVERYDAY.items()}
"""A longer list catches more words by chance: this puts all lists on one footing."""
_LANGUAGES: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _EVERYDAY.items() if word in words.split())
    for words in _EVERYDAY.values()
    for word in words.split()
}


def everyday() -> Container[str]:
    """Words that every text in some language has."""
    return _LANGUAGES


READ = 8_000
"""Characters looked at."""


def detect(text: str) -> str:
    """The ISO 639-1 code of the main language, or an empty string when too little of the text says so."""
    return detect_in(split(text[:READ]))


def detect_in(words: Words) -> str:
    """The same for a text that is already cut into words."""
    counts = Counter(words.words[: bisect_left(words.starts, READ)])
    total = sum(count for word, count in counts.items() if word[0].isalpha())
    votes = dict.fromkeys(_SHARES, 0.0)
    for word in counts.keys() & _LANGUAGES.keys():
        for language in _LANGUAGES[word]:
            votes[language] += counts[word] * _SHARES[language]
    best = max(votes, key=lambda language: votes[language])
    return best if total and votes[best] >= 3 and votes[best] / total > 0.04 else ""
