"""What Amazon ECR refuses."""

from ministack.services import ecr

from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {ecr: "_find_image _repositories"}


@rule("ecr", "DescribeImages")
def _known_images(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html#API_DescribeImages_Errors"""
    repository = call.parameters["repositoryName"]
    if repository not in ecr._repositories:
        return
    for wanted in call.parameters.get("imageIds", []):
        if not ecr._find_image(repository, wanted):
            digest, tag = wanted.get("imageDigest", "null"), wanted.get("imageTag", "null")
            raise Refused(
                "ImageNotFoundException",
                f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the "
                f"repository with name '{repository}' in the registry with id '{call.account}'",
            )
