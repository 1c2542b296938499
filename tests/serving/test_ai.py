from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import wire


def ask(client: TestClient, **fields: Any) -> Any:
    item = {
        "guid": "urn:example:1",
        "language": "en",
        "body_html": "<p>Drones hit the port.</p><p>A convoy of flour.</p>",
    }
    return client.post("/api/ai", json={"service": "standfirst", "item": item | fields, "tags": {}})


def test_an_article_is_tagged(client: TestClient) -> None:
    answer = wire.AiAnswer.model_validate(ask(client).json())
    assert {tag.altids["standfirst"] for tag in answer.analysis.subject} == {"strikes", "aid"}
    assert all(tag.scheme == "mediatopic" and tag.qcode == tag.altids["medtop"] for tag in answer.analysis.subject)
    assert answer.analysis.person == []


def test_other_fields_of_an_article_are_not_looked_at(client: TestClient) -> None:
    assert ask(client, slugline="port", extra={"a": [1]}, state="in_progress").json() == ask(client).json()


@pytest.mark.parametrize("body", ["", "<p></p>", "<figure></figure>"])
def test_an_article_that_is_not_begun_has_no_tags(client: TestClient, body: str) -> None:
    response = ask(client, body_html=body)
    assert response.status_code == 200
    assert all(tags == [] for tags in response.json()["analysis"].values())


def test_an_article_that_was_taken_back_is_not_read(client: TestClient) -> None:
    response = ask(client, state="killed")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "withheld")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"service": "standfirst"}, "item"),
        ({"item": {"guid": "1", "body_html": "x"}}, "service"),
        ({"service": "standfirst", "item": {"guid": "1"}}, "item.body_html"),
        ({"service": "standfirst", "item": {"guid": 1, "body_html": "x"}}, "item.guid"),
    ],
)
def test_a_wrong_request_names_the_field(client: TestClient, body: dict[str, Any], where: str) -> None:
    response = client.post("/api/ai", json=body)
    assert (response.status_code, response.json()["error"]["where"]) == (422, where)
