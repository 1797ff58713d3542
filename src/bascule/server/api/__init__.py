"""`/api/v1`: what programs and our own command line call, as JSON; one module for what a caller works with.

Keys are sent as `Authorization: Bearer`. Lists answer `{"items", "next"}`; `next` is given back as `after` for the
next page. Errors are `application/problem+json` with `title`, `where` and `hint`: what, where, and what to do next.
"""

from fastapi import APIRouter

from . import (
    admin,
    alerts,
    audit,
    candidates,
    connections,
    copies,
    corrections,
    datacheck,
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
    people,
    pilots,
    providers,
    retention,
    reviews,
    rollouts,
    runs,
    screening,
    shortlists,
    signin,
    standing,
    stops,
    subscriptions,
    tasks,
    taxonomy,
    triggers,
)


def routers() -> tuple[APIRouter, ...]:
    """Every address, in the order of the documentation."""
    return (
        standing.router,
        alerts.router,
        connections.router,
        stops.router,
        mapping.router,
        copies.router,
        candidates.router,
        corrections.router,
        screening.router,
        forms.router,
        enrichment.router,
        shortlists.router,
        signin.router,
        datacheck.router,
        pilots.router,
        rollouts.router,
        duplicates.router,
        jobs.router,
        taxonomy.router,
        people.router,
        erasures.router,
        reviews.router,
        triggers.router,
        messages.router,
        audit.router,
        retention.router,
        models.router,
        providers.router,
        admin.router,
        failures.router,
        runs.router,
        incidents.router,
        tasks.router,
        subscriptions.router,
    )
