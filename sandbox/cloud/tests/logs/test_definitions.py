"""Queries of Logs Insights are saved."""

from pathlib import Path

from helpers.emulator import running
from helpers.refusals import refused

QUERY = "fields @message | limit 5"


def test_definitions_are_saved_listed_changed_and_deleted_and_outlive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path, "cloud.core.persistence", "cloud.logs.operations") as aws:
        logs = aws.client("logs")
        first = logs.put_query_definition(name="runs/slow", queryString=QUERY, logGroupNames=["g"])["queryDefinitionId"]
        logs.put_query_definition(name="other", queryString=QUERY)
        logs.put_query_definition(name="runs/failed", queryString=QUERY, queryDefinitionId=first)
        aws.stop()
        aws.start()
        logs = aws.client("logs")
        [found] = logs.describe_query_definitions(queryDefinitionNamePrefix="runs/")["queryDefinitions"]
        assert (found["name"], found["queryString"], found["queryDefinitionId"]) == ("runs/failed", QUERY, first)
        # "If you … omit this parameter, then the updated definition will contain no log groups."
        assert "logGroupNames" not in found
        page = logs.describe_query_definitions(maxResults=1)
        rest = logs.describe_query_definitions(maxResults=1, nextToken=page["nextToken"])
        assert [each["name"] for each in page["queryDefinitions"] + rest["queryDefinitions"]] == [
            "other",
            "runs/failed",
        ]
        assert logs.delete_query_definition(queryDefinitionId=first)["success"]
        missing = {"queryDefinitionId": first}
        refused(logs, "delete_query_definition", missing, "ResourceNotFoundException", "does not exist")
