"""The page's queries, as they stand there, on a job of our own."""

import contextlib
import io
import re
import shlex
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from standfirst import cli
from standfirst.archive.models import ModelChoice

PAGE = Path(__file__).resolve().parents[3] / "standfirst" / "archive" / "README.md"
BLOCKS = re.findall(r"```(sql|python)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def scored(job, both: ModelChoice, tmp_path: Path, monkeypatch) -> Path:
    job(Path(__file__).resolve().parents[2] / "fixtures" / "documents", output=tmp_path / "scored", models=both)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "scored"


@pytest.mark.slow
def test_every_query_on_the_page_runs(scored: Path) -> None:
    assert [kind for kind, _ in BLOCKS] == ["sql", "sql", "sql", "python", "python", "python"]
    for kind, code in BLOCKS[:-1]:
        if kind == "sql":
            duckdb.sql(code).fetchall()
        else:
            assert printed_by(code)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_the_queries_of_spark_run(scored: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    printed = printed_by(BLOCKS[-1][1])
    counted = dict(re.findall(r"\|\s*(\w+)\|\s*(\d+)\|", printed))
    rows = duckdb.sql(
        "SELECT label, count(*) FROM (SELECT unnest(labels) AS label FROM 'scored/parts/*.parquet') GROUP BY label"
    ).fetchall()
    assert rows
    assert {label: int(counted[label]) for label, _ in rows} == dict(rows)


def printed_by(code: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, PAGE.name, "exec"), {})
    return out.getvalue()


def test_the_cluster_of_the_page_runs_a_command_that_there_is() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    spec = yaml.safe_load(block)["spec"]
    program, *args = shlex.split(spec["entrypoint"])
    asked = cli._parser().parse_args(args)
    assert (program, asked.engine, asked.ray_address, asked.resume) == ("standfirst", "ray", "auto", True)
    cluster = spec["rayClusterSpec"]
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        mounts = group["template"]["spec"]["containers"][0]["volumeMounts"]
        assert [mount["mountPath"] for mount in mounts] == ["/shared"]
    assert all(str(path).startswith("/shared/") for path in (*asked.inputs, asked.output))


@pytest.mark.slow
def test_all_engines_see_the_same_rows(scored: Path) -> None:
    import pandas as pd
    import polars as pl

    count = duckdb.sql("SELECT count(*), sum(score_aid) FROM 'scored/parts/*.parquet'").fetchall()[0]
    frame, table = pl.read_parquet("scored/parts/*.parquet"), pd.read_parquet("scored/parts")
    assert count[0] == len(frame) == len(table) > 50
    assert count[1] == pytest.approx(frame["score_aid"].sum()) == pytest.approx(table["score_aid"].sum())
    assert frame.schema["published"] == pl.Datetime("us", "UTC")


@pytest.mark.slow
def test_the_page_lists_the_columns_that_are_written(scored: Path) -> None:
    import json

    import pyarrow.parquet as pq

    schema = pq.read_schema(next((scored / "parts").iterdir()))
    table = PAGE.read_text(encoding="utf-8").partition("Schema 1")[2].partition("\n\nA byline")[0]
    listed = re.findall(
        r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    )
    written = list(dict.fromkeys("score_LABEL" if n.startswith("score_") else n for n in schema.names))
    assert listed == written
    assert json.loads(schema.metadata[b"standfirst"])["schema"] == 1
