from .conftest import Rig


async def test_smoke(rig: Rig) -> None:
    await rig.hook("new_candidate_application", "candidate_stage_change", "update_candidate")
    ids = await rig.apply()
    (event,) = await rig.events()
    assert event["action"] == "new_candidate_application"
    assert event["payload"]["application"]["candidate"]["id"] == ids["candidate_id"]
    app = await rig.one("applications", ids["application_id"])
    stages = await rig.items("application_stages", application_ids=str(app["id"]))
    r = await rig.call("POST", f"applications/{app['id']}/move", json={"from_stage_id": stages[0]["job_interview_stage_id"]})
    assert r.status_code == 204, r.text
    (event,) = await rig.events()
    print(event)
