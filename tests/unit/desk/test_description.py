"""The OpenAPI document as it is served."""

from tenfour.desk.description import FAILURE, WHY, described

OPERATION = {"responses": {"200": {"description": "done"}, "400": {"description": "the framework's own"}}}


def document(path: str, method: str = "post") -> dict:
    return {"paths": {path: {method: OPERATION}}, "components": {"schemas": {}}}


def test_every_error_is_described_as_it_is_answered() -> None:
    served = described(document("/api/units/{unit_id}/status"))
    responses = served["paths"]["/api/units/{unit_id}/status"]["post"]["responses"]
    assert set(responses) == {"200", *WHY, "default"}
    schemas = {
        status: answer["content"]["application/json"]["schema"]
        for status, answer in responses.items()
        if status != "200"
    }
    assert set(map(str, schemas.values())) == {str({"$ref": "#/components/schemas/Failure"})}
    assert served["components"]["schemas"]["Failure"] == FAILURE


def test_a_command_needs_the_login_that_logging_in_gives() -> None:
    assert described(document("/api/session"))["paths"]["/api/session"]["post"]["security"] == []
    assert described(document("/api/clock"))["paths"]["/api/clock"]["post"]["security"] == [{"token": []}]


def test_health_answers_in_plain_text_also_while_the_record_is_away() -> None:
    served = described(document("/readyz", "get"))
    assert list(served["paths"]["/readyz"]["get"]["responses"]["503"]["content"]) == ["text/plain"]


def test_what_the_framework_made_is_left_as_it_was() -> None:
    made = document("/api/clock")
    described(made)
    assert made == document("/api/clock")
    assert set(OPERATION["responses"]) == {"200", "400"}
