"""What a model is to answer with: the library makes a schema of these, and checks answers against it."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Sentence(BaseModel):
    """One sentence and what it rests on."""

    text: str = Field(description="One plain sentence.")
    quotes: list[str] = Field(description="The quotes it rests on, copied exactly from those given.")


class Explained(BaseModel):
    """What the CV shows of what the job asks for."""

    sentences: list[Sentence] = Field(description="One or two.")


class Ok(BaseModel):
    """The answer to a test."""

    answer: str = Field(description='The word "ok".')


class PositionFound(BaseModel):
    """One position held."""

    title: str = Field(description="As it is written.")
    employer: str = Field(default="", description="As it is written; empty where none is named.")
    quote: str = Field(description="The words that name them and say when, copied exactly.")


class SkillFound(BaseModel):
    """One skill."""

    name: str = Field(description="As it is written.")
    quote: str = Field(description="The words it stands in, copied exactly.")


class Extracted(BaseModel):
    """What a CV says of positions and skills."""

    positions: list[PositionFound] = Field(description="The newest first.")
    skills: list[SkillFound]
