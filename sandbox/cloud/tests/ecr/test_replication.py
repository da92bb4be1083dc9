"""Images are copied to the regions that the registry's configuration names."""

from helpers.emulator import Emulator
from helpers.refusals import client


def test_what_is_pushed_is_copied_to_the_second_region(aws: Emulator) -> None:
    here, there = client(aws, "ecr"), client(aws, "ecr", "us-west-2")
    identity = client(aws, "sts").get_caller_identity()["Account"]
    for name in ("copied/app", "other/app"):
        here.create_repository(repositoryName=name)
    configuration = {
        "rules": [
            {
                "destinations": [{"region": "us-west-2", "registryId": identity}],
                "repositoryFilters": [{"filter": "copied/", "filterType": "PREFIX_MATCH"}],
            }
        ]
    }
    here.put_replication_configuration(replicationConfiguration=configuration)
    assert here.describe_registry()["replicationConfiguration"] == configuration
    for name in ("copied/app", "other/app"):
        here.put_image(repositoryName=name, imageTag="1.0", imageManifest='{"schemaVersion": 2}')
    assert [each["repositoryName"] for each in there.describe_repositories()["repositories"]] == ["copied/app"]
    (copy,) = there.describe_images(repositoryName="copied/app")["imageDetails"]
    assert copy["imageTags"] == ["1.0"]
