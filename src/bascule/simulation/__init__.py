"""A seeded run of the whole engine: the real App and store, virtual time, simulated systems, people, faults, crashes.

`draw` makes a scenario of a seed, `play` runs it and says what was broken, `shrink` makes a failing one small.
"""

from .run import Outcome, play, play_on, shrink
from .scenario import Scenario, draw, draw_flow, draw_mixed

__all__ = ["Outcome", "Scenario", "draw", "draw_flow", "draw_mixed", "play", "play_on", "shrink"]
