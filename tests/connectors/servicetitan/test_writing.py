"""Writing to the tenant: once, with nothing lost beside it, and read back as it was meant."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.servicetitan import CONNECTOR, dialect
from connectors.spec import Written
from models.errors import Ambiguous, ClosedPeriod, Gone, Rejected, Transient
from tests.connectors.desk import Desk, march
from tests.connectors.servicetitan.conftest import canonical, row

DORA = {
    "given_name": "Dora", "family_name": "O'Dell", "email": "dora@example.com", "phone": "+15124745555",
    "street": "7 Elm St", "city": "Austin", "state": "TX", "postal_code": "78702", "country": "US",
}  # fmt: skip
FIRM = {**DORA, "company_name": "Dell & Söhne"}
HOME = {name: DORA[name] for name in ("street", "city", "state", "postal_code", "country")}
TIME = {"starts_at": march(16, 14), "ends_at": march(16, 15, 30)}
LATER = {"starts_at": march(17, 18), "ends_at": march(17, 19, 30)}
VISIT = {**TIME, "instructions": "Ring twice\nDog"}


def held(desk: Desk, entity: str, id: str) -> dict[str, Any]:
    """What the tenant holds, as it is read."""
    found = desk.fetch(entity, id)
    assert found is not None
    return canonical(entity, found.record)


def wanted(values: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What was found of the values that were sent."""
    return {name: found[name] for name in values}


def job(desk: Desk, number: str = "102") -> str:
    return str(desk.one("jobs", jobNumber=number)["id"])


def visit(desk: Desk, number: str = "102") -> dict[str, Any]:
    return desk.one("appointments", jobId=int(job(desk, number)))


def schedule(desk: Desk, **more: Any) -> Written:
    return desk.create("appointment", VISIT | more, refs={"job": job(desk)}, core_id="apt_0123456789abcdef")


def crew(desk: Desk, person: str = "Tech2", number: str = "104") -> dict[str, str]:
    one = desk.one("technicians", firstName=person)
    return {"appointment": str(visit(desk, number)["id"]), "technician": str(one["id"])}


# --- customers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [DORA, FIRM])
def test_a_new_customer_reads_back_as_it_was_meant(tenant: Desk, values: dict[str, Any]) -> None:
    made = tenant.create("customer", values)
    known = {"given_name": None, "family_name": None} if "company_name" in values else {}
    assert wanted(values, held(tenant, "customer", made.id)) == values | known
    (listed,) = [one for one in tenant.all("customers") if str(one["id"]) == made.id]
    assert canonical("customer", listed) == held(tenant, "customer", made.id)
    (place,) = [one for one in tenant.all("locations") if str(one["customerId"]) == made.id]
    assert canonical("location", place)["street"] == "7 Elm St"


def test_our_id_is_external_data_of_our_application(tenant: Desk) -> None:
    made = tenant.create("customer", DORA)
    record = tenant.fetch("customer", made.id)
    assert record is not None
    assert record.record is not None
    assert record.record["externalData"] == [{"key": "plumbline", "value": "cus_0123456789abcdef"}]
    found = tenant.find("customer", DORA)
    assert found == record
    assert tenant.find("customer", DORA, core_id="cus_ffffffffffffffff") is None


@pytest.mark.parametrize(("lacks", "said"), [("street", "no street"), ("family_name", "no name")])
def test_a_customer_without_a_name_or_a_street_is_for_a_person(tenant: Desk, lacks: str, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        tenant.create("customer", {**DORA, "given_name": None, lacks: None})
    assert tenant.sent("POST", "/customers") == 0


def test_an_update_keeps_what_it_does_not_say(tenant: Desk) -> None:
    ann = tenant.one("customers", name="Ann Lee")
    id = str(ann["id"])
    tenant.edit("customers", id, doNotMail=True, address={"unit": "Apt 4"})
    tenant.update("customer", id, {"city": "Waco", "phone": "+15124746666"}, desired={"given_name": "Ann"})
    now = tenant.store.get("customers", id) or {}
    assert (now["doNotMail"], now["name"]) == (True, "Ann Lee")
    assert now["address"] == {**ann["address"], "unit": "Apt 4", "city": "Waco"}
    assert held(tenant, "customer", id)["phone"] == "+15124746666"
    assert held(tenant, "customer", id)["email"] == "ann@example.com"
    assert len([one for one in tenant.store.all("contacts") if str(one["customerId"]) == id]) == 2


def test_a_street_that_moves_takes_its_unit_along(tenant: Desk) -> None:
    id = str(tenant.one("customers", name="Ann Lee")["id"])
    tenant.edit("customers", id, address={"unit": "Apt 4"})
    tenant.update("customer", id, {"street": "9 Oak St"})
    assert held(tenant, "customer", id)["street"] == "9 Oak St"


def test_a_person_who_becomes_a_company_is_called_by_it(tenant: Desk) -> None:
    id = str(tenant.one("customers", name="Ann Lee")["id"])
    tenant.update("customer", id, {"company_name": "Lee LLC"}, desired={"given_name": "Ann", "family_name": "Lee"})
    assert held(tenant, "customer", id)["company_name"] == "Lee LLC"


def test_how_somebody_is_reached_is_made_changed_and_taken_away(tenant: Desk) -> None:
    made = tenant.create("customer", DORA | {"email": None, "phone": None}).id
    for email in ("dora@example.com", "dale@example.com", None):
        tenant.update("customer", made, {"email": email})
        assert held(tenant, "customer", made)["email"] == email
    assert tenant.sent("POST", "/contacts") + tenant.sent("PATCH", f"/customers/{made}") == 1


def test_a_customer_who_was_merged_is_not_written_to(tenant: Desk) -> None:
    loser, winner = (str(tenant.one("customers", name=name)["id"]) for name in ("Cy Dunn", "Ann Lee"))
    assert tenant.twin.merge is not None
    tenant.twin.merge(tenant.store, "customers", loser, winner)
    assert tenant.fetch("customer", loser) is None
    with pytest.raises(Gone, match="nothing was written"):
        tenant.update("customer", loser, {"city": "Waco"})


def test_story_19_nothing_deletes_a_customer_and_an_inactive_one_is_there(tenant: Desk) -> None:
    id = str(tenant.one("customers", name="Ann Lee")["id"])
    tenant.remove("customers", id)
    assert held(tenant, "customer", id)["status"] == "inactive"
    assert tenant.writing("customer").delete is None


@pytest.mark.parametrize(("entity", "path"), [("customer", "/customers$"), ("appointment", "/appointments$")])
def test_a_lost_answer_is_settled_by_looking(impatient: Desk, entity: str, path: str) -> None:
    values = {"customer": DORA, "appointment": VISIT}[entity]
    about = {"refs": {"job": job(impatient)}, "core_id": f"{entity[:3]}_0123456789abcdef"}
    assert impatient.find(entity, values, **about) is None
    impatient.fault("dropped_answer", method="POST", path=path)
    with pytest.raises(Ambiguous):
        impatient.create(entity, values, **about)
    found = impatient.find(entity, values, **about)
    assert found is not None
    assert wanted(values, canonical(entity, found.record)) == values


@pytest.mark.parametrize("place", ["crm/customers", "jpm/appointments"])
def test_an_answer_without_its_record_may_have_taken_effect(tenant: Desk, place: str) -> None:
    class Mute:
        system, settings = "servicetitan", tenant.api.settings

        def request(self, *_: Any, **__: Any) -> Any:
            return type("Answer", (), {"text": "{}", "json": staticmethod(dict)})

    with pytest.raises(Ambiguous, match="look before"):
        dialect.made(Mute(), place, {})  # type: ignore[arg-type]


# --- locations ----------------------------------------------------------------------------------------------------


def test_a_new_location_reads_back_as_it_was_meant(tenant: Desk) -> None:
    owner = str(tenant.one("customers", name="Ann Lee")["id"])
    place = {**HOME, "name": "Shed"}
    made = tenant.create("location", place, refs={"customer": owner}, core_id="loc_0123456789abcdef")
    assert wanted(place, held(tenant, "location", made.id)) == place
    assert held(tenant, "location", made.id)["customer"] == owner
    assert tenant.find("location", place, core_id="loc_0123456789abcdef") == tenant.fetch("location", made.id)


def test_the_location_that_its_customer_was_made_with_is_taken(tenant: Desk) -> None:
    """Also where it is kept in capitals, and another application keeps something with it."""
    tenant.fault("rewritten_values", form="upper")
    owner = tenant.create("customer", DORA).id
    count = len(tenant.store.all("locations"))
    place = tenant.one("locations", customerId=int(owner))
    tenant.edit("locations", str(place["id"]), externalData=[{"key": "theirs", "value": "1"}])
    made = tenant.create("location", {**HOME, "name": "Home"}, refs={"customer": owner}, core_id="loc_1")
    assert len(tenant.store.all("locations")) == count
    assert held(tenant, "location", made.id)["name"] == "Home"
    second = tenant.create("location", {**HOME, "name": "Second"}, refs={"customer": owner}, core_id="loc_2")
    assert second.id != made.id


def test_a_location_that_moves_is_looked_up_on_the_map_anew(tenant: Desk) -> None:
    one = tenant.store.all("locations")[0]
    tenant.update("location", str(one["id"]), {"name": "Barn", "street": "1 Barn Rd"})
    now = held(tenant, "location", str(one["id"]))
    assert (now["name"], now["street"], now["latitude"]) == ("Barn", "1 Barn Rd", None)


def test_a_location_is_taken_out_of_use_and_that_is_final(tenant: Desk) -> None:
    id = str(tenant.store.all("locations")[0]["id"])
    for _ in range(2):
        assert tenant.delete("location", id).id == id
    assert tenant.fetch("location", id) is None
    assert (tenant.store.get("locations", id) or {})["active"] is False
    assert tenant.sent("PATCH", f"/locations/{id}") == 1
    with pytest.raises(Gone):
        tenant.update("location", id, {"name": "Barn"})


# --- appointments -------------------------------------------------------------------------------------------------


def test_a_new_visit_reads_back_as_it_was_meant(tenant: Desk) -> None:
    made = schedule(tenant)
    found = held(tenant, "appointment", made.id)
    assert wanted(VISIT, found) == VISIT
    assert (found["job"], found["title"], found["status"]) == (job(tenant), "Repair 2", "scheduled")
    (listed,) = [one for one in tenant.all("appointments") if str(one["id"]) == made.id]
    assert canonical("appointment", listed) == found
    assert listed["specialInstructions"] == "Ring twice\nDog\n\nplumbline:apt_0123456789abcdef"


def test_our_mark_is_known_though_the_tenant_keeps_capitals(tenant: Desk) -> None:
    tenant.fault("rewritten_values", form="upper")
    made = schedule(tenant)
    found = tenant.find("appointment", VISIT, refs={"job": job(tenant)}, core_id="apt_0123456789abcdef")
    assert found == tenant.fetch("appointment", made.id)
    assert found is not None
    read = row("appointment", found.record)
    assert (read["instructions"], read["core_ref"]) == ("RING TWICE\nDOG", "apt_0123456789abcdef")


def test_a_visit_that_moves_takes_what_the_customer_was_told_along(tenant: Desk) -> None:
    one = visit(tenant)
    id = str(one["id"])
    window = {"arrivalWindowStart": "2026-03-12T15:00:00Z", "arrivalWindowEnd": "2026-03-12T16:00:00Z"}
    tenant.edit("appointments", id, **window)
    tenant.update("appointment", id, LATER)
    now = tenant.store.get("appointments", id) or {}
    assert (now["arrivalWindowStart"], now["arrivalWindowEnd"]) == ("2026-03-17T18:00:00Z", "2026-03-17T19:00:00Z")
    assert wanted(LATER, held(tenant, "appointment", id)) == LATER
    assert tenant.sent("PUT", "/special-instructions") == 0


def test_instructions_change_without_moving_the_visit(tenant: Desk) -> None:
    made = schedule(tenant)
    for text in ("Mind the step", None):
        told = {"instructions": text}
        tenant.update("appointment", made.id, told, desired=TIME, core_id="apt_0123456789abcdef")
        assert held(tenant, "appointment", made.id)["instructions"] == text
    assert tenant.sent("PATCH", "/reschedule") == 0
    assert tenant.find("appointment", VISIT, refs={"job": job(tenant)}, core_id="apt_0123456789abcdef") is not None


@pytest.mark.parametrize("times", [{}, {"starts_at": march(16, 14)}])
def test_a_visit_without_its_times_is_for_a_person(tenant: Desk, times: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="no time of day"):
        tenant.create("appointment", times, refs={"job": job(tenant)})
    assert tenant.sent("POST", "/appointments") == 0


def test_a_visit_is_taken_out_but_not_the_last_one(tenant: Desk) -> None:
    made = schedule(tenant)
    for _ in range(2):
        assert tenant.delete("appointment", made.id).id == made.id
    assert tenant.fetch("appointment", made.id) is None
    assert tenant.sent("DELETE", f"/appointments/{made.id}") == 1
    with pytest.raises(Rejected, match="only appointment of a job"):
        tenant.delete("appointment", str(visit(tenant)["id"]))


def test_what_is_under_way_stays_and_says_so(tenant: Desk) -> None:
    id = str(visit(tenant)["id"])
    tenant.edit("appointments", id, status="Working")
    with pytest.raises(Rejected, match="Working; correct the record, or look at the state"):
        tenant.update("appointment", id, LATER)
    with pytest.raises(Gone, match="nothing was written"):
        tenant.update("appointment", "1", LATER)


# --- assignments --------------------------------------------------------------------------------------------------


def test_one_person_more_and_one_less(tenant: Desk) -> None:
    refs = crew(tenant)
    sent = tenant.create("assignment", {}, refs=refs)
    assert wanted(refs, held(tenant, "assignment", sent.id)) == refs
    assert tenant.create("assignment", {}, refs=refs).id == sent.id
    assert tenant.find("assignment", {}, refs=refs) == tenant.fetch("assignment", sent.id)
    for _ in range(2):
        assert tenant.delete("assignment", sent.id).id == sent.id
    assert tenant.fetch("assignment", sent.id) is None
    assert tenant.sent("POST", "/unassign-technicians") == 1
    assert tenant.create("assignment", {}, refs=refs).id != sent.id


def test_story_48_another_person_is_sent_instead(tenant: Desk) -> None:
    """Also when it was cut off in between: who goes instead was sent, and the other was not called back."""
    refs, instead = crew(tenant), crew(tenant, "Tech1")
    sent = tenant.create("assignment", {}, refs=refs)
    made = tenant.create("assignment", {}, refs=instead)
    moved = tenant.update("assignment", sent.id, {}, refs=instead)
    assert moved == made
    assert tenant.fetch("assignment", sent.id) is None
    assert tenant.find("assignment", {}, refs=instead) == moved


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Ann", "Lee", "Ann Lee"),
        ("Mary Ann", "van der Berg", "van der Berg, Mary Ann"),
        ("Ann", "Lee, jr.", "Ann Lee, jr."),
    ],
)
def test_a_family_name_of_several_words_stands_before_a_comma(tenant: Desk, given: str, family: str, name: str) -> None:
    known = {"given_name": given, "family_name": family}
    made = tenant.create("customer", {**DORA, **known})
    record = tenant.fetch("customer", made.id).record
    assert record["name"] == name
    if "," not in family:
        assert wanted(known, held(tenant, "customer", made.id)) == known


def test_nobody_is_sent_to_a_visit_that_is_over(tenant: Desk) -> None:
    refs = crew(tenant, number="101")
    tenant.edit("appointments", refs["appointment"], status="Done")
    with pytest.raises(Rejected, match="Done"):
        tenant.create("assignment", {}, refs=refs)
    there = crew(tenant, "Tech1", "101")
    assert tenant.create("assignment", {}, refs=there).record is not None


# --- invoices -----------------------------------------------------------------------------------------------------


def test_what_stands_in_the_books_is_marked_as_exported(tenant: Desk) -> None:
    id = str(tenant.one("invoices", syncStatus="Posted")["id"])
    for _ in range(2):
        assert tenant.update("invoice", id, {"booked_as": "b7e1"}).id == id
    assert held(tenant, "invoice", id)["booked_as"] == "b7e1"
    assert (tenant.store.get("invoices", id) or {})["syncStatus"] == "Exported"


@pytest.mark.parametrize(
    ("state", "booked", "error", "said"),
    [
        ("Pending", "b1", Transient, "until the office posts its batch"),
        ("Posted", None, Rejected, "cannot be made unexported"),
    ],
)
def test_what_cannot_be_marked_says_why(
    tenant: Desk, state: str, booked: str | None, error: type[Exception], said: str
) -> None:
    id = str(tenant.one("invoices", syncStatus=state)["id"])
    with pytest.raises(error, match=said):
        tenant.update("invoice", id, {"booked_as": booked})
    tenant.remove("invoices", id)
    assert tenant.fetch("invoice", id) is None
    with pytest.raises(Rejected, match="not found"):
        tenant.update("invoice", id, {"booked_as": "b1"})


def test_a_closed_batch_stays_as_it_is(tenant: Desk) -> None:
    id = str(tenant.one("invoices", syncStatus="Posted")["id"])
    tenant.update("invoice", id, {"booked_as": "b1"})
    with pytest.raises(ClosedPeriod, match="closed; the books are closed for this date"):
        tenant.update("invoice", id, {"booked_as": "b2"})
    assert held(tenant, "invoice", id)["booked_as"] == "b1"


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (409, {"title": "The appointment is Done"}, Rejected, "is Done"),
        (409, "text", Rejected, "it answered 409"),
        (400, {"title": "Bad", "errors": {"Name": ["is required."]}}, Rejected, r"Bad; Name: \['is required.'\]"),
        (400, {"title": "Bad", "errors": {"batch": ["batch 7, which is closed"]}}, ClosedPeriod, "adjustment"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, body: Any, error: type[Exception], said: str) -> None:
    verdict = dialect.judge("servicetitan", status, {}, body)
    assert type(verdict) is error
    with pytest.raises(error, match=said):
        raise verdict


@pytest.mark.parametrize("status", [200, 401, 404, 429, 500])
def test_what_the_status_says_is_left_to_it(status: int) -> None:
    assert dialect.judge("servicetitan", status, {}, {"title": "x"}) is None


def test_every_write_is_found_again_by_something() -> None:
    assert {write.entity: write.identity for write in CONNECTOR.writes if write.find} == dict.fromkeys(
        ("customer", "location", "appointment", "assignment"), "marker"
    )
