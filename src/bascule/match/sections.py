"""Where a resume's or an advert's parts begin, by their headings in English, German, Swedish and French."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a stretch of a resume is about."""

    TOP = "top"
    SUMMARY = "summary"
    EXPERIENCE = "experience"
    EDUCATION = "education"
    SKILLS = "skills"
    LANGUAGES = "languages"
    OTHER = "other"


class Ask(StrEnum):
    """What a stretch of an advert asks for."""

    ABOUT = "about"
    TASKS = "tasks"
    MUST = "must"
    NICE = "nice"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Section:
    """text[start:end] of one kind, its heading line left out."""

    kind: str
    start: int
    end: int


_RESUME = {
    Part.SUMMARY: r"(?:professional |executive |career |personal )?(?:summary|profile|objective|statement)|about me|"
    r"highlights|kurzprofil|profil|über mich|"
    r"zusammenfassung|sammanfattning|om mig|presentation|hello|hej|overview|personal statement|zur person|"
    r"présentation|à propos|résumé|profil professionnel|objectif",
    Part.EXPERIENCE: r"(?:professional |work |relevant |employment |career )?(?:experience|history|background)|"
    r"employment|positions held|career|"
    r"berufserfahrung|beruflicher werdegang|berufspraxis|werdegang|praxiserfahrung|arbetslivserfarenhet|"
    r"arbetslivserfarenheter|yrkeserfarenhet|erfarenhet|anställningar|"
    r"tidigare anställningar|jobb|har jobbat|arbete|arbeten|beruf|berufstätigkeit|berufsweg|tätigkeiten|anställning|"
    r"tjänster|tjänstgöring|yrkesliv|kitchens?|teaching|employment and posts|jobs|berufliche (?:erfahrung|stationen|"
    r"laufbahn|tätigkeiten)|stationen|praxis|carrière|emplois?|postes? occupés?|(?:employment|work|career|"
    r"professional|job) (?:history|record)|career path|positions|appointments|posts held|where i(?:'ve|"
    r" have) (?:been|worked)|what i(?:'ve| have) done|clinical experience|nursing experience|relevant work|"
    r"expériences?(?: professionnelles?)?|parcours(?: professionnel)?|work",
    Part.EDUCATION: r"education(?: and training| & training)?|academic (?:background|qualifications|record)|"
    r"qualifications|ausbildung|bildung|bildungsweg|studies|studier|studien|schule|school|"
    r"training and education|aus- und (?:fort|weiter)bildung|utbildning och legitimation|scolarité|"
    r"cursus|schulbildung|studium|"
    r"schule und ausbildung|ausbildung und studium|utbildning|utbildningar|formations?|études|diplômes|"
    r"formation et diplômes|education and certificates",
    Part.SKILLS: r"(?:technical |key |core |professional |it |computer )?(?:skills|competenc(?:ies|es)|expertise|"
    r"technologies|tools|strengths|daily tools|systems|software|technology|tech)|tech stack|"
    r"kenntnisse|fähigkeiten|(?:it-|edv-|fach)?kenntnisse|kompetenzen|kompetenser|kunskaper|färdigheter|"
    r"tekniska kunskaper|compétences(?: techniques| clés)?|"
    r"savoir-faire|informatique|it|edv|kan|competences|toolbox|key skills|system|logiciels|outils|skills and tools|"
    r"skills & tools",
    Part.LANGUAGES: r"languages?(?: skills)?|sprachen|sprachkenntnisse|språk|språkkunskaper|langues",
    Part.OTHER: r"certifications?|certificates|licen[cs]es|training|courses|publications|awards|honou?rs|projects|"
    r"volunteer(?:ing| work| experience)?|references|referees|"
    r"interests|hobbies|activities|affiliations|memberships|personal (?:details|information|data)|"
    r"additional information|zertifikate|weiterbildung(?:en)?|"
    r"ehrenamt|projekte|interessen|referenzen|persönliche daten|sonstiges|certifikat|kurser|bra att veta|vill|"
    r"registration|registered|driving|availability|placements|selected assignments|selected projects|society|"
    r"persönliches|motivation|weitere kenntnisse|mobilité|other|occasional|volunteer nursing|leadership record|"
    r"övrigt|referenser|intressen|personuppgifter|projekt|"
    r"certifications et formations|centres d'intérêt|loisirs|bénévolat|références|divers|projets",
}
_ADVERT = {
    Ask.MUST: r"(?:\w+ )?requirements?|must[- ]haves?|you must have|(?:minimum |required |basic )?qualifications|"
    r"what (?:you(?:'ll| will)? )?(?:bring|need|have)|what we(?:'re| are)? (?:expect|looking for|ask)|"
    r"who you are|your profile|you (?:have|bring|are)|about you|skills(?: and experience| required)?|required skills|"
    r"essential(?: criteria)?|we are looking for|"
    r"anforderungen|(?:dein|ihr) profil|das bringst du mit|das bringen sie mit|voraussetzungen|qualifikationen?|"
    r"was (?:du mitbringst|sie mitbringen)|"
    r"krav|kvalifikationer|vi söker dig|din profil|(?:vem är du|du har)|ditt bidrag|profil recherché|votre profil|"
    r"vous avez|compétences requises|exigences|your skills",
    Ask.NICE: r"(?:nice|good|great)[- ]to[- ]have|nice to haves|bonus(?: points)?|(?:a |big )?plus(?:es)?|"
    r"preferred(?: qualifications| skills)?|desirable|desired|an advantage|advantages|meriting|"
    r"it(?:'s| is| would be) (?:a plus|great|an advantage)|ideally|von vorteil|wünschenswert|pluspunkte|"
    r"das wäre (?:schön|toll)|meriterande|det är (?:ett plus|meriterande)|plus|"
    r"un plus|atouts?|serait un plus|apprécié|optional",
    Ask.TASKS: r"(?:key |main |your |the )?(?:responsibilities|duties|tasks|work|role|job|mission|position)|"
    r"what (?:you(?:'ll| will)|the (?:post|role|job)) (?:do|be doing|involves?)|"
    r"in this role(?:,? you will)?|"
    r"day to day|you will|(?:deine|ihre) aufgaben|aufgaben|das erwartet (?:dich|sie)|(?:dina )?arbetsuppgifter|"
    r"om (?:rollen|tjänsten)|vos missions|missions|le poste|description",
    Ask.OFFER: r"(?:what )?we offer|benefits|perks|what(?:'s in it for you| you get| we offer)|about us|who we are|"
    r"the company|our company|compensation|salary|how to apply|equal opportunity.*|"
    r"wir bieten|(?:das|was) (?:wir|bieten wir)(?: dir| ihnen)?(?: bieten)?|über uns|vi erbjuder|om oss|förmåner|"
    r"nous offrons|à propos de nous|avantages|pourquoi nous rejoindre|"
    r"diversity.*|privacy.*|our values",
}


def _headings(words: dict[Part, str] | dict[Ask, str]) -> re.Pattern[str]:
    groups = "|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in words.items())
    return re.compile(rf"(?:[#*=•·▪–-]+[ \t]*|\d+[.)][ \t]*)?(?:{groups})[ \t]*[:：.…]?[ \t]*[#*=–-]*", re.IGNORECASE)


_RESUME_HEADING = _headings(_RESUME)
_ADVERT_HEADING = _headings(_ADVERT)


def resume_sections(text: str) -> tuple[Section, ...]:
    """The parts of a resume in order; what stands before the first heading is `top`."""
    return _cut(text, _RESUME_HEADING, Part.TOP, Part)


def advert_sections(text: str) -> tuple[Section, ...]:
    """The parts of an advert in order; what stands before the first heading is `about`."""
    return _cut(text, _ADVERT_HEADING, Ask.ABOUT, Ask)


def _cut(text: str, heading: re.Pattern[str], first: str, kinds: type[StrEnum]) -> tuple[Section, ...]:
    sections: list[Section] = []
    kind, start = first, 0
    at = 0
    for line in text.split("\n"):
        plain = line.strip()
        if 2 <= len(plain) <= 60 and (found := heading.fullmatch(plain)):
            if text[start:at].strip():
                sections.append(Section(kind, start, at))
            kind, start = kinds[found.lastgroup or ""].value, at + len(line)
        at += len(line) + 1
    if text[start:].strip():
        sections.append(Section(kind, start, len(text)))
    return tuple(sections)
