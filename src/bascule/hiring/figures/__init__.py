"""Figures people steer by, computed from what is stored: how long hiring takes, where people wait, how scores are used.

`columns` is what they are counted from, `definitions` says what each means; `measures` counts the KPIs, `flow` the way
through the stages. Pure.
"""
