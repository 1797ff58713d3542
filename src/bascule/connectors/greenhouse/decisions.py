"""What a person decides about an application in Greenhouse: its stage, and whether it goes on.

Every conversation reads what is there first, and reads back what became of it.
"""

from __future__ import annotations

from bascule.connectors.spec import Rendered, Request, Talk, Tenant, every_page
from bascule.errors import GuardRefusedError, RejectedError

from .objects import number, one


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To another stage of the same job, guarded by where the application is now."""
    target = str(write.fields["stage"])
    stages = yield from every_page(
        Request("GET", "/application_stages", {"application_ids": write.external, "per_page": "500"})
    )
    now = next((row for row in stages if row.get("current")), None)
    if now is None:
        raise GuardRefusedError("The application is in no stage (hired, or a prospect).")
    here = str(now["job_interview_stage_id"])
    if here == target:
        return {"stage": target}
    expected = write.current.get("stage")
    if expected is not None and here != expected:
        raise GuardRefusedError("Somebody has moved the application to another stage meanwhile.")
    # Which of the two ids the guard takes is not verified. A wrong one is refused and moves nobody.
    path = f"/applications/{write.external}/move"
    body = {"from_stage_id": now["id"], "to_stage_id": int(target)}
    response = yield Request("POST", path, json=body, acts_as=write.acts_as, done_if=(422,))
    if response.status == 422:
        yield Request("POST", path, json={**body, "from_stage_id": int(here)}, acts_as=write.acts_as)
    query = {"application_ids": write.external, "per_page": "500"}
    stages = yield from every_page(Request("GET", "/application_stages", query))
    there = next((str(row["job_interview_stage_id"]) for row in stages if row.get("current")), here)
    return {} if there == here else {"stage": there}  # still the old one: an answer that lags says nothing


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Reject, un-reject, or correct a rejection's reason. Asks for no rejection e-mail; a hire is never written."""
    status = write.fields.get("status")
    reason = {"rejection_reason_id": number(write.fields["reason"])} if write.fields.get("reason") else {}
    if status not in (None, "rejected", "in_process"):
        raise RejectedError(f"The status {status!r} is not written to Greenhouse.", hint="Do it in Greenhouse itself.")
    now = yield from one("/applications", write.external)
    if status == "rejected" and now["status"] != "rejected":
        body = (
            reason if write.acts_as or not write.actor.name else {**reason, "notes": f"Decided by {write.actor.name}."}
        )
        yield Request("POST", f"/applications/{write.external}/reject", json=body, acts_as=write.acts_as)
    elif status == "in_process" and now["status"] == "rejected":
        yield Request("POST", f"/applications/{write.external}/unreject", json={}, acts_as=write.acts_as)
    elif reason and now["status"] == "rejected":
        details = yield from every_page(Request("GET", "/rejection_details", {"application_ids": write.external}))
        for row in details[:1]:
            yield Request("PATCH", f"/rejection_details/{row['id']}", json=reason, acts_as=write.acts_as)
    after = yield from one("/applications", write.external)
    return {} if after["status"] == now["status"] else {"status": str(after["status"])}
