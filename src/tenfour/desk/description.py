"""The OpenAPI document as it is served: what the framework makes, with our errors and our login put right."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

WHY = {
    "400": "The request cannot be used.",
    "401": "There is no valid login.",
    "403": "The role does not permit it, or a foreign page asks.",
    "404": "It is not there (for this person).",
    "409": "Understood, and refused by state or policy.",
    "503": "The record is away: nothing was done, try again.",
}
"""What an answer that is an error means; the table of docs/api.md."""

FAILURE: Json = {
    "type": "object",
    "title": "Failure",
    "description": "Why nothing was done, in one sentence.",
    "properties": {"error": {"type": "string"}, "status": {"type": "integer"}},
    "required": ["error", "status"],
}

OPEN = {("/api/session", "post"), ("/api/centre", "get"), ("/api/command-line/help", "get")}
"""What is answered without a login."""


def described(document: Json) -> Json:
    """The document with the errors that an address can answer, and the login."""
    described = deepcopy(document)
    components = described.setdefault("components", {})
    components.setdefault("schemas", {})["Failure"] = FAILURE
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/"):
                operation["responses"] |= {status: _failure(why) for status, why in WHY.items()}
                operation["responses"]["default"] = _failure("Nothing was done, and why.")
                operation["security"] = [] if (path, method) in OPEN else [{"token": []}]
            elif path == "/readyz":
                operation["responses"]["503"] = {
                    "description": WHY["503"],
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                }
    return described


def _failure(why: str) -> Json:
    return {
        "description": why,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}},
    }
