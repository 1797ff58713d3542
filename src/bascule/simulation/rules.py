"""The rules that are in force in a run: those that the product comes with, and what else a customer may want."""

from __future__ import annotations

import random

RITA_MAIL, OLGA = "rita@tenant.example", "olga@tenant.example"
DANA, ROBIN, MANAGER = "dana@tenant.example", "robin@tenant.example", "mona@tenant.example"
AUTOMATIC_ONES = (
    "invite-who-applies",
    "thank-for-application",
    "remind-of-questions",
    "ask-for-a-time",
    "polite-answer",
)
"""Rules that may have earned to act by themselves; the last one never can, whatever a setting says."""


def rules(drawn: random.Random) -> str:
    """The file of a run."""
    high, low = drawn.choice((60, 75)), drawn.choice((30, 45))
    again = drawn.choice(("yes", "no"))
    return f"""
thank-for-application:
  on: yes
  why: Everybody who applies hears that it has arrived, and that a person reads it.
  owner: {OLGA}
  when: {{stage: applied}}
  do: message
  with: {{template: application-received}}
invite-who-applies:
  on: yes
  why: Everybody who applies is asked the same questions.
  owner: {OLGA}
  when: {{stage: applied, screening: none}}
  do: invite
invite-at-assess:
  on: yes
  why: Who was moved on without answers is asked then.
  owner: {OLGA}
  when: {{stage: assess}}
  again: {again}
  do: invite
remind-of-questions:
  on: yes
  why: Who has not answered in two days is reminded.
  owner: {OLGA}
  when: {{screening: [invited, started]}}
  for: 48 h
  do: invite
  with: {{template: screening-reminder}}
remind-otherwise:
  on: yes
  why: Who has not answered in four days is reached another way.
  owner: {OLGA}
  when: {{screening: [invited, started]}}
  for: 96 h
  do: tell
  with: {{event: no answer}}
answers-go-on:
  on: yes
  why: Who has answered is looked at.
  owner: {OLGA}
  when: {{stage: screen, screening: completed}}
  do: propose
  with: {{stage: assess}}
propose-strong-ones:
  on: yes
  why: A high score is looked at by a person soon.
  owner: {OLGA}
  when: {{stage: applied, score: over {high}, decided: no}}
  do: propose
  with: {{stage: screen}}
tell-of-strong-ones:
  on: yes
  why: A strong application is told of at once.
  owner: {OLGA}
  when: {{score: over {high}}}
  do: notify
  with: {{to: {RITA_MAIL}, text: A strong application has come.}}
show-strong-ones:
  on: yes
  why: A hiring manager who sees strong applications early decides early.
  owner: {OLGA}
  when: {{score: over {high}}}
  do: shortlist
  with: {{to: {MANAGER}}}
nobody-has-looked:
  on: yes
  why: A strong application that nobody has decided about for a day is lost to others.
  owner: {OLGA}
  when: {{score: over {high}, decided: no}}
  for: 24 h
  do: notify
  with: {{to: {RITA_MAIL}, text: A strong application has waited for a day.}}
mark-the-best:
  on: yes
  why: The best are marked for review.
  owner: {OLGA}
  when: {{score: over 90}}
  do: note
  with: {{text: Among the best.}}
polite-answer:
  on: yes
  why: Who does not fit hears so from a person, kindly.
  owner: {OLGA}
  when: {{stage: applied, score: under {low}, decided: no}}
  for: 3 d
  do: message
  with: {{template: polite-no}}
ask-for-a-time:
  on: yes
  why: Who reached the interview chooses a time.
  owner: {OLGA}
  when: {{stage: interview}}
  again: {again}
  do: schedule
  with: {{interviewers: "{DANA},{ROBIN}", place: https://meet.tenant.example/room, minutes: 60, days: 21}}
talk-to-who-was-moved-on:
  on: yes
  why: Who reached an offer and has not answered is written to.
  owner: {OLGA}
  when: {{stage: offer, answered: no}}
  for: 2 h
  do: message
  with: {{template: next-step}}
mark-offers:
  on: yes
  why: Offers are found by their tag.
  owner: {OLGA}
  when: {{stage: offer}}
  do: tag
  with: {{tag: offer made}}
tell-the-channel:
  on: yes
  why: The channel follows who is moved.
  owner: {OLGA}
  when: {{stage: [screen, assess, interview, offer]}}
  again: yes
  do: tell
  with: {{event: moved}}
"""
