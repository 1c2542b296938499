import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from serving import openapi
from serving.gate import Gate
from serving.service import Standfirst
from serving.settings import Settings
from serving.wire import ROUTES


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/docs.json").json()
    return found


def test_every_route_is_there_and_answers_as_it_says(document: dict[str, Any], client: TestClient) -> None:
    assert set(document["paths"]) == set(ROUTES) - {"/docs.json"}
    del document["paths"]["/metrics"]  # needs a real server, see test_server
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            response = client.request(method, path, json={} if method == "post" else None)
            assert str(response.status_code) in operation["responses"], path
            assert response.status_code == (422 if method == "post" else 200)


def test_where_a_token_is_asked_for_the_document_says_so(document: dict[str, Any], tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("t" * 20, encoding="utf-8")
    gate = Gate(PlainTextResponse("fine"), Settings(tokens_file=tokens))
    caller = TestClient(gate)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            asked = caller.request(method, path, json={} if method == "post" else None).status_code == 401
            assert ("401" in operation["responses"]) == asked, path


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert names
    assert names <= set(document["components"]["schemas"])


def test_unions_and_limits_are_stated() -> None:
    settings = Settings(max_paragraphs=5, max_paragraph_chars=6)
    schemas = openapi.document(settings)["components"]["schemas"]
    types = [schema["type"] for schema in schemas["ReadRequest"]["properties"]["document"]["anyOf"]]
    assert types == ["string", "object", "array"]
    assert schemas["LabelRequest"]["additionalProperties"] is False
    assert schemas["LabelRequest"]["properties"]["paragraphs"]["maxItems"] == 5
    assert schemas["LabelParagraph"]["properties"]["text"]["maxLength"] == 6
    assert [s["type"] for s in schemas["LooseParagraph"]["anyOf"]] == ["string", "object"]
    assert schemas["LooseParagraph"]["anyOf"][0]["maxLength"] == 6
    for name in ("LabelParagraph", "LooseParagraph"):
        whole = schemas[name].get("anyOf", [schemas[name]])[-1]
        assert "maxLength" not in str(whole["properties"]["id"]), "an id has no limit of its own"
    assert schemas["ReadRequest"]["properties"]["topics"]["minItems"] == 1
    for name in ("SummarizeRequest", "ReadRequest"):
        assert schemas[name]["properties"]["max_words"]["minimum"] == 1
    assert [one["required"] for one in schemas["SummarizeRequest"]["oneOf"]] == [["text"], ["paragraphs"]]


def test_a_bento_gets_the_same_document(document: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml.dump(Standfirst.openapi_spec)) == document
