"""What a job asks for besides skills and experience, and what people say of it: where the work is done, the right to
work there, licences, on-call duty, shifts, travel, clearances; in English, German, Swedish and French.

Adverts and resumes are read with the same words: an advert demands ("driving licence, category B"), a resume or an
answer claims ("Führerschein Klasse B") or denies ("no driving licence"). Where somebody lives is no claim, and a
nationality is none: both tell who somebody is.
"""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .phrases import Words


class Condition(StrEnum):
    """What a job may ask for that can be checked, and that says nothing of how well somebody works."""

    PLACE = "place"
    RIGHT_TO_WORK = "right to work"
    DRIVING = "driving licence"
    PRACTICE = "professional licence"
    CLEARANCE = "clearance or record check"
    ON_CALL = "on-call duty"
    SHIFTS = "shifts or weekends"
    TRAVEL = "travel"


@dataclass(frozen=True, slots=True)
class Demand:
    """One condition at text[start:end] of an advert. `detail` is what of it: "hybrid, Malmö", "B", "EU", "30 %"."""

    condition: Condition
    detail: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What text[start:end] of a resume says of a condition; `denied`: that it does not hold. `detail` is the "
    "classes of
    a licence, or "remote only"."""

    condition: Condition
    denied: bool
    detail: str
    start: int
    end: int


_NAMED = r"(?-i:[A-ZÄÖÜÅÉ][\w'äöüåéèß-]*(?: (?:and |or |& )?[A-ZÄÖÜÅÉ][\w'äöüåéèß-]+){0,3})"
_WHERE = (
    r"(?:\s*(?:in|for|within|inside|i|inom|für|in der|innerhalb(?: der| von)?|en|dans|au)\s+(?:the |der |"
    rf"l['’]|la |le )?({_NAMED}))?"
)
_RIGHT = (
    r"(?:right to work|(?:eligib\w+|entitled|allowed|authori[sz]\w+|permitted) to work|work(?:ing)? (?:permit|visa|"
    r"authori[sz]ation)s?|employment authori[sz]ation|(?:visa|work) sponsorship|sponsor(?:ship)? (?:of |"
    r"for )?(?:a )?(?:work )?"
    r"visas?|(?:require|need|without|provide|offer)\w* sponsorship|eu blue card|arbeitserlaubnis|arbeitsgenehmigung|"
    r"arbetstillstånd|rätt att arbeta|permis de travail|autorisation de travail|droit de travailler)"
)
_SHIFT = (
    r"(?:(?:night|late|early|rotating|weekend|evening|day) shifts?|shift[- ]work\w*|work(?:ing)? (?:in )?shifts|"
    r"weekend (?:work|duty|duties)|every (?:\w+ )?weekend|\w*schicht(?:dienst|arbeit|betrieb|system)\w*|"
    r"nachtschicht\w*|"
    r"nachtdienst\w*|wochenend(?:dienst|arbeit)\w*|skiftarbet\w*|nattarbet\w*|helgarbet\w*|(?:arbeta|jobba|arbetar|"
    r"jobbar) (?:natt|kväll|helg|skift)\w*|travail (?:de nuit|posté|en [23]x8)|horaires? décalés?|"
    r"week-ends? travaillés?)"
)
_CLEARED = (
    r"(?:security clear(?:ance|ed)|\b(?:sc|dv)[- ]clear(?:ed|ance)|(?:enhanced )?\bdbs\b(?:[- ](?:check\w*|"
    r"certificate))?|(?:erweitertes )?führungszeugnis\w*|sicherheitsüberprüf\w*|säkerhetspröv\w+|"
    r"belastningsregist\w+|"
    r"casier judiciaire|habilitation (?:secret|défense)\w*)"
)
_PRACTICE = (
    r"(?:(?:nursing|medical|rn|lpn|state|professional|teaching|practising|practicing) licen[cs]e|"
    r"licen[cs]e (?:as an?|to "
    r"practi[sc]e)\b|licen[cs]ed to practi[sc]e|legitimation\b|legitimerad\b|approbation\b|professional registration|"
    r"\bnmc (?:pin|registration|registered)|registration with the\b|berufserlaubnis|diplôme d['’]état)"
)
_DRIVE = (
    r"(?:driving licen[cs]e|driver(?:['’]?s)? licen[cs]e|führerschein\w*|fahrerlaubnis|körkort\w*|"
    r"permis (?:de conduire|(?-i:[BCDE]{1,2})\b))"
)
_CALL = (
    r"(?:\bon[- ]call\b(?![ -]cent)|standby (?:duty|rota)|rufbereitschaft\w*|bereitschaftsdienst\w*|jourtjänst\w*|"
    r"beredskapstjänst\w*|astreintes?\b)"
)
_GOES = (
    r"(?:\b(?:un)?(?:willing\w*|ready|able|prepared|open|happy|free) to travel|reisebereit\w*|reisewillig|resvillig|"
    r"travel(?:l?ed|l?ing)? (?:up to |about )?\d{1,3} ?%|mobilité géographique|mobile dans)"
)
_MOVES = (
    r"(?:\b(?:un)?(?:willing\w*|ready|able|prepared|open|happy|plan\w*) to "
    r"(?:relocat\w+|move|commut\w+)|open to relocation|"
    r"relocation "
    r"(?:is )?(?:possible|no problem)|(?:work|working|be) on[- ]?site\b|umzugsbereit\w*|ortsungebunden|flyttbar|"
    r"kan (?:tänka mig att )?flytta|prêt\w* à (?:déménager|m['’]installer)|(?:only|solely) remote\b|remote only|"
    r"fully remote only|nur remote)"
)
_CLAIMED = {
    Condition.PLACE: _MOVES,
    Condition.RIGHT_TO_WORK: _RIGHT,
    Condition.DRIVING: _DRIVE,
    Condition.PRACTICE: _PRACTICE,
    Condition.CLEARANCE: _CLEARED,
    Condition.ON_CALL: _CALL,
    Condition.SHIFTS: _SHIFT,
    Condition.TRAVEL: _GOES,
}
_CLAIMS = {condition: re.compile(pattern, re.IGNORECASE) for condition, pattern in _CLAIMED.items()}
_DEMANDED = {
    **_CLAIMED,
    Condition.RIGHT_TO_WORK: _RIGHT + _WHERE,
    Condition.CLEARANCE: rf"(?:{_CLEARED}|background check\w*|criminal records?\b[\w ]*)",
    Condition.TRAVEL: rf"(?:{_GOES}|travel(?:l?ing)? (?:is )?required|(?:up to |"
    rf"about )?\d{{1,3}} ?% (?:of )?(?:travel\w*|"
    r"reise\w*|resor)|(?:frequent|occasional|regular|extensive|international) travel\w*|reisetätigkeit|dienstreisen|"
    r"tjänsteresor|resor i tjänsten|déplacements (?:fréquents|réguliers|ponctuels|à prévoir))",
}
_DEMANDS = {
    condition: re.compile(pattern, re.IGNORECASE)
    for condition, pattern in _DEMANDED.items()
    if condition is not Condition.PLACE
}
_TRIGGERS = {
    word: condition
    for condition, words in {
        Condition.PLACE: "relocate relocating relocation move commute commuting site onsite umzugsbereit "
        "umzugsbereitschaft "
        "ortsungebunden flyttbar flytta déménager installer remote",
        Condition.RIGHT_TO_WORK: "right eligible eligibility entitled allowed authorized authorised authorization "
        "authorisation permitted permit visa visas sponsorship blue arbeitserlaubnis arbeitsgenehmigung "
        "arbetstillstånd rätt "
        "travail travailler",
        Condition.DRIVING: "driving driver drivers führerschein führerscheinklasse fahrerlaubnis körkort permis",
        Condition.PRACTICE: "license licence licensed licenced legitimation legitimerad approbation registration nmc "
        "berufserlaubnis diplôme",
        Condition.CLEARANCE: "clearance cleared dbs führungszeugnis sicherheitsüberprüfung säkerhetsprövad "
        "säkerhetsprövning belastningsregistret casier habilitation",
        Condition.ON_CALL: "call standby rufbereitschaft bereitschaftsdienst bereitschaftsdienste jourtjänst "
        "beredskapstjänst "
        "astreinte astreintes",
        Condition.SHIFTS: "shift shifts weekend weekends nachtschicht nachtdienst schichtdienst schichtarbeit "
        "wochenenddienst "
        "wochenendarbeit skiftarbete nattarbete helgarbete natt helg skift nuit décalés",
        Condition.TRAVEL: "travel travelling traveling travelled traveled reisebereit reisebereitschaft reisewillig "
        "resvillig "
        "mobilité mobile",
    }.items()
    for word in words.split()
}
"""Words that stand in a claim: a pattern is tried only around one of them."""
_AROUND = 60
_CLASSES = re.compile(
    r"(?:(?:class|category|categories|cat\.?|klassen?|typ|kategori|behörighet)\W{0,2}|[(:]\s?|\A)"
    r"(?-i:((?:[A-D]1?E?)(?:[ ,/&+]+(?:and |und |och |et )?[A-D]1?E?)*))\b|\b([b-d]e?)-?körkort|"
    r"permis (?-i:([B-D]E?))\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\d{1,3} ?%")
_NOT = re.compile(
    r"\b(?:no|not|never|without|cannot|can['’]t|don['’]t|unable|unwilling|lack\w*|kein\w*|nicht|ohne|ingen|inget|"
    r"inte|saknar|"
    r"utan|pas|sans|aucun\w*)\b(?:[ ]+[\w'’]+){0,4}[ ]*\Z",
    re.IGNORECASE,
)
_NO_AFTER = re.compile(r"[^\w\n]*(?:no(?!\W{0,3}\d)|none|nein|kein\w*|nej|non|aucun\w*)\b", re.IGNORECASE)
_NEEDED = re.compile(
    r"\b(?:require|need|benötig|brauche|behöver|besoin)\w*\b[^.\n]{0,40}\b(?:sponsor\w*|visa|permit|arbeitserlaubnis|"
    r"arbeitsgenehmigung|arbetstillstånd|permis|autorisation)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?\n]")
_REMOTE_ONLY = re.compile(r"remote", re.IGNORECASE)
_YES = re.compile(r"(?:yes|ja|oui|true|y)\b", re.IGNORECASE)
_NO = re.compile(r"(?:no|nein|nej|non|false|n)\b", re.IGNORECASE)


def claims_in(words: Words) -> tuple[Claim, ...]:
    """What a resume says of conditions, in the order of the text."""
    text = words.text
    found: dict[tuple[Condition, int], Claim] = {}
    for at in [at for at, word in enumerate(words.words) if word in _TRIGGERS]:
        condition, place = _TRIGGERS[words.words[at]], words.starts[at]
        low = max(text.rfind("\n", 0, place) + 1, place - _AROUND)
        end = text.find("\n", place)
        high = min(len(text) if end < 0 else end, place + _AROUND)
        for match in _CLAIMS[condition].finditer(text, low, high):
            if match.start() <= place < match.end():
                found.setdefault((condition, match.start()), _claim(condition, text, match))
    return tuple(sorted(found.values(), key=lambda claim: claim.start))


def answered(question: str, answer: str) -> Iterator[Claim]:
    """What an answer says of conditions: by its own words, or by yes or no to a question that names one."""
    given = answer.strip()
    yes, no = bool(_YES.match(given)), bool(_NO.match(given))
    for condition, pattern in _CLAIMS.items():
        if match := pattern.search(answer):
            yield _claim(condition, answer, match)
        elif (yes or no) and (asked := (_DEMANDS.get(condition) or pattern).search(question)):
            start = len(answer) - len(answer.lstrip())
            turned = condition is Condition.RIGHT_TO_WORK and _needs(question)
            yield Claim(condition, no != turned, _classes(question, asked), start, start + len(given))


def asks(question: str, condition: Condition) -> bool:
    """Whether a screening question names a condition."""
    return bool((_DEMANDS.get(condition) or _CLAIMS[condition]).search(question))


def _claim(condition: Condition, text: str, match: re.Match[str]) -> Claim:
    start, end = match.span()
    before = [edge.end() for edge in _CLAUSE.finditer(text, max(0, start - _AROUND), start)]
    clause = text[before[-1] if before else max(0, start - _AROUND) : start]
    unwilling = match.group().lower().startswith(("unable", "unwilling"))
    denied = bool(unwilling or _NOT.search(clause) or _NO_AFTER.match(text, end, min(len(text), end + 12)))
    detail = ""
    if condition is Condition.RIGHT_TO_WORK and "sponsor" in match.group().lower():
        # "No sponsorship needed" claims the right to work, "I need visa sponsorship" denies it.
        without = denied or match.group().lower().startswith("without")
        denied = _needs(text[start - len(clause) : end + 20]) and not without
    elif condition is Condition.RIGHT_TO_WORK and not denied:
        denied = _needs(text[start - len(clause) : end])
    elif condition is Condition.DRIVING:
        detail = _classes(text, match)
    elif condition is Condition.PLACE and _REMOTE_ONLY.search(match.group()):
        detail = "remote only"
    return Claim(condition, denied, detail, start, end)


def _needs(text: str) -> bool:
    return bool(_NEEDED.search(text))


def _classes(text: str, match: re.Match[str]) -> str:
    """The classes of a driving licence: "B, C"."""
    near = text[match.end() : match.end() + 30].split("\n")[0]
    before = text[max(0, match.start() - 3) : match.end()]
    found = _CLASSES.search(near.lstrip(" ,:")) or _CLASSES.search(before)
    if found is None:
        return ""
    return ", ".join(dict.fromkeys(re.findall(r"[A-D]1?E?", (found[1] or found[2] or found[3]).upper())))


def covers(held: str, asked: str) -> bool:
    """Whether a licence of some classes is one of those asked for. Either may be unsaid; heavier ones hold "
    "lighter."""
    wanted, has = set(re.findall(r"[A-D]1?E?", asked)), set(re.findall(r"[A-D]1?E?", held))
    if has & {"C", "C1", "CE", "C1E", "D", "DE", "BE"}:
        has.add("B")
    return not wanted or not has or bool(wanted & has)


# ------------------------------------------------------------------------------------------------------ what is asked

_HYBRID = re.compile(
    r"\bhybrid\b|office days?\b|days? (?:a|per|each) week (?:in|at|from) (?:the |our )?(?:office|home)|"
    r"days? (?:from home|in the "
    r"office)|tage? (?:pro woche |die woche )?(?:home ?office|im büro)|dagar (?:i veckan )?(?:hemifrån|på kontoret)|"
    r"jours? (?:par semaine )?(?:de télétravail|au bureau)",
    re.IGNORECASE,
)
_ON_SITE = re.compile(
    r"\b(?:work|working|presence|be|role|position|post|job|fully|100 ?%)\b[\w ]{0,15} on[- ]?site\b|"
    r"^\W*on[- ]?site\b|"
    r"on[- ]?site (?:in|at|role|position|only|work)|office[- ]based|in our \w* ?office|(?:no|not) (?:a )?remote|"
    r"vor ort in|"
    r"kein home ?office|arbete på plats|sur site|en présentiel",
    re.IGNORECASE | re.MULTILINE,
)
_REMOTE = re.compile(
    r"(?:(?:fully|100 ?%|completely|full) remote|remote[- ](?:first|only|position|role|job|work(?:ing)?)\b|(?:work|"
    r"working) "
    r"(?:fully )?remote(?:ly)?|remote(?= (?:within|in|from|across|anywhere) )|^\W*(?:location|place|standort|ort|"
    r"lieu)\W+remote|^\W*remote(?=\W*(?:\(|,|$))|arbeta på distans|distansarbete|(?:100 ?% )?télétravail)"
    rf"(?: position| role| job| work)?(?:[\s,(–-]+(?:(?:within|in|from|across|anywhere|inom|innerhalb|i|en|"
    rf"dans)\s+){{0,3}}"
    rf"(?:the |der |l['’])?({_NAMED}))?",
    re.IGNORECASE | re.MULTILINE,
)
_BASED = re.compile(
    rf"(?:based (?:in|at)|live in|living in|located in|reside in|(?:placering|arbetsort|arbeitsort|dienstort|"
    rf"standort|location|"
    rf"place of work|lieu de travail)\s*(?:in|:|är)|on[- ]?site (?:in|at)|vor ort in|our office (?:in|at)|"
    rf"our ({_NAMED}) office)"
    rf"\s*(?:our |the )?({_NAMED})?",
    re.IGNORECASE,
)


def demands_in(text: str) -> Iterator[Demand]:
    """Every condition that an advert names but its place, in the order of the text; a condition may be named "
    "twice."""
    for condition, pattern in _DEMANDS.items():
        for match in pattern.finditer(text):
            yield Demand(condition, _detail(condition, text, match), *match.span())


def place_in(text: str, offices: Sequence[str]) -> Demand | None:
    """Where an advert wants the work done, and `offices` as the ATS names them. None where it may be done "
    "anywhere, or
    nothing says."""
    based = _BASED.search(text)
    named = ((based[1] or based[2]) if based else "") or ""
    where = ", ".join(offices) or named.strip(" .,")
    for mode, pattern in (("hybrid", _HYBRID), ("on site", _ON_SITE), ("remote", _REMOTE)):
        if match := pattern.search(text):
            if mode == "remote":
                where = (match[1] or "").strip(" .,")
                return Demand(Condition.PLACE, f"remote, {where}", *match.span()) if where else None
            return Demand(Condition.PLACE, f"{mode}, {where}" if where else mode, *match.span())
    if based and where:
        return Demand(Condition.PLACE, where, *based.span())
    return Demand(Condition.PLACE, where, -1, -1) if where else None


def _detail(condition: Condition, text: str, match: re.Match[str]) -> str:
    if condition is Condition.DRIVING:
        return _classes(text, match)
    if condition is Condition.RIGHT_TO_WORK:
        return (match[1] or "").strip(" .,")
    if condition is Condition.TRAVEL and (share := _PERCENT.search(text, match.start(), match.end() + 20)):
        return share.group()
    return ""
