"""Resume text, skills, embeddings, score. `Matcher` and `ResumeReader` are the doors.

Names load on first use, so that the reader's child process can start without the scorer's tables and libraries.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .changes import Changes, SkillChange
    from .evidence import Evidence
    from .explain import note, reasons_short, skills_short
    from .matcher import Matcher, Wrong
    from .minilm import MiniLM
    from .models import EmbeddingModel
    from .particulars import Person
    from .parts import Answer, Reason
    from .profile import Education, Position, Profile
    from .ranking import best_first, job_vector, resume_vector
    from .reader import InterruptedReadError, ResumeReader
    from .readings import Reading
    from .redaction import Redacted, redact
    from .rubric import Importance, Rubric, Wanted, WantedTongue
    from .score import Score, ScorePart
    from .skills import SkillHit, SkillLinker
    from .study import Study
    from .traits import Traits
    from .tricks import Flag

_NAMES = {
    "changes": "Changes SkillChange",
    "evidence": "Evidence",
    "explain": "note reasons_short skills_short",
    "matcher": "Matcher Wrong",
    "minilm": "MiniLM",
    "models": "EmbeddingModel",
    "ranking": "best_first job_vector resume_vector",
    "profile": "Education Position Profile",
    "reader": "InterruptedReadError ResumeReader",
    "readings": "Reading",
    "particulars": "Person",
    "redaction": "Redacted redact",
    "rubric": "Importance Rubric Wanted WantedTongue",
    "parts": "Answer Reason",
    "score": "Score ScorePart",
    "study": "Study",
    "skills": "SkillHit SkillLinker",
    "traits": "Traits",
    "tricks": "Flag",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "Answer",
    "Changes",
    "Education",
    "EmbeddingModel",
    "Evidence",
    "Flag",
    "Importance",
    "InterruptedReadError",
    "Matcher",
    "MiniLM",
    "Person",
    "Position",
    "Profile",
    "Reading",
    "Reason",
    "Redacted",
    "ResumeReader",
    "Rubric",
    "Score",
    "ScorePart",
    "SkillChange",
    "SkillHit",
    "SkillLinker",
    "Study",
    "Traits",
    "Wanted",
    "WantedTongue",
    "Wrong",
    "best_first",
    "job_vector",
    "note",
    "reasons_short",
    "redact",
    "resume_vector",
    "skills_short",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    # Keep the function: importing the module of the same name put the module here.
    globals()[name] = value
    return value
