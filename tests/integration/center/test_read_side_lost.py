"""The read side's file is taken away under a running centre: it is disposable, the record is not."""

from .conftest import CentreProcess, Person, until


async def test_nothing_is_lost_when_the_projection_is_deleted(running: CentreProcess, dispatcher: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    notes = f"/api/incidents/{opened['incident_id']}/notes"
    await dispatcher.post(notes, {"text": "aardvark before"})
    assert await dispatcher.get("/api/search", q="aardvark")
    gone = list((running.folder / "data").glob("projection.sqlite*"))
    assert gone
    for file in gone:
        file.unlink()
    for count in range(5):
        await dispatcher.post(notes, {"text": f"aardvark after {count}"})
    said = [line["text"] for line in (await dispatcher.get(notes.removesuffix("/notes")))["narrative"]]
    assert [text for text in said if text.startswith("aardvark")] == [
        "aardvark before",
        *(f"aardvark after {count}" for count in range(5)),
    ]

    async def found() -> bool:
        answer = await dispatcher.client.get("/api/search", params={"q": "aardvark"})
        return answer.is_success and len(answer.json()) == 6

    await until(found)
    assert running.pid
    running.stop()
    running.start()
    await running.ready()
    again = await Person(running).log_in("dispatcher", "adeyemi", position="04")
    assert len(await again.get("/api/search", q="aardvark")) == 6
    await again.client.aclose()
