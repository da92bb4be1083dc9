"""ECR refuses what it has not."""

import pytest
from helpers.emulator import Emulator
from helpers.refusals import client, refused


def test_an_image_that_is_not_there_is_told(aws: Emulator) -> None:
    ecr = client(aws, "ecr")
    ecr.create_repository(repositoryName="team/a")
    ecr.put_image(repositoryName="team/a", imageTag="1.0", imageManifest='{"schemaVersion": 2}')
    asked = {"repositoryName": "team/a", "imageIds": [{"imageTag": "1.0"}]}
    (found,) = ecr.describe_images(**asked)["imageDetails"]
    assert found["imageTags"] == ["1.0"]
    other = asked | {"imageIds": [{"imageTag": "2.0"}]}
    refused(ecr, "describe_images", other, "ImageNotFoundException", "imageTag:'2.0'", "'team/a'")
    ecr.batch_delete_image(**asked)
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        ecr.describe_images(**asked)
