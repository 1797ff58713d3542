"""The pages, one module for each entry of the navigation. A route parses, calls the App, and renders."""

from fastapi import APIRouter

from . import (
    alerts,
    audit,
    candidates,
    connections,
    datacheck,
    door,
    duplicates,
    enrichment,
    erasures,
    failures,
    forms,
    incidents,
    jobs,
    mapping,
    messages,
    models,
    now,
    overview,
    people,
    reviews,
    screening,
    settings,
    shortlists,
    subscribers,
    tasks,
    triggers,
)


def routers() -> tuple[APIRouter, ...]:
    """Every page."""
    return (
        overview.router,
        tasks.router,
        reviews.router,
        triggers.router,
        messages.router,
        duplicates.router,
        candidates.router,
        screening.router,
        people.router,
        enrichment.router,
        jobs.router,
        forms.router,
        shortlists.router,
        connections.router,
        datacheck.router,
        mapping.router,
        failures.router,
        incidents.router,
        subscribers.router,
        alerts.router,
        now.router,
        audit.router,
        erasures.router,
        settings.router,
        models.router,
        door.router,
    )
