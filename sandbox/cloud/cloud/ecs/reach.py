"""What ECS does for a task on Fargate goes through the task's network interface, and fails where that leads nowhere.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html: pulls, secrets and logs take
the task's way. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html has the words;
AWS tries for minutes before it says them.
"""

import logging
import re
import time

from ministack.services import ecs

from cloud.ecs import current, failures
from cloud.iam import endpoint_policies
from cloud.network import calls, interfaces, ways

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_ImagePullError _SecretResolutionError",
}

log = logging.getLogger(__name__)
_TIMEOUT = "dial tcp 52.94.0.1:443: i/o timeout"
_AGAIN_SECONDS = 1.0
_CHECK = "Please check your task network configuration."
_REGISTRY = re.compile(r"^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")


def _lacks(service: str, region: str = "") -> bool:
    task = current.get().task["taskArn"]
    missing = calls.lacks(task, service, region)
    if missing:
        log.warning("the start of %s does not reach %s: %s", task, service, missing)
    return bool(missing)


def _refuses_layers(region: str) -> bool:
    task = current.get().task["taskArn"]
    for interface in interfaces.of(task):
        endpoint = ways.endpoint(interface, "s3", region)
        if endpoint and not endpoint_policies.serves_layers(endpoint, region):
            log.warning("the policy of %s keeps the layers of images from %s", endpoint["VpcEndpointId"], task)
            return True
    return False


def secrets(region: str) -> None:
    """The way to Parameter Store, of the task's own region where none is given."""
    if _lacks("ssm", region):
        cause = "RequestCanceled: request context canceled caused by: context deadline exceeded"
        tried = f"unable to retrieve secrets from ssm: service call has been retried 5 time(s): {cause}"
        raise ecs._SecretResolutionError(f"{tried}. {_CHECK}")


def registry(image: str) -> None:
    """The ways of a pull from ECR: its API for the login, the registry for the manifest, S3 for the layers."""
    found = _REGISTRY.match(image)
    if not found:
        return
    region = found[1]
    if _lacks("ecr.api", region):
        sent = (
            f'RequestError: send request failed caused by: Post "https://api.ecr.{region}.amazonaws.com/": {_TIMEOUT}'
        )
        tried = f"unable to retrieve ecr registry auth: service call has been retried 3 time(s): {sent}"
        unable = "unable to pull secrets or registry auth: execution resource retrieval failed"
        raise failures.initialization(f"{unable}: {tried}. {_CHECK}")
    if _lacks("ecr.dkr", region):
        host = image.partition("/")[0]
        sent = f'failed to do request: Head "https://{host}/v2/": {_TIMEOUT}'
        raise ecs._ImagePullError(f"ref pull has been retried 5 time(s): failed to resolve reference {image}: {sent}")
    bucket, failed = f"https://prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com/", ""
    if _lacks("s3", region):
        failed = f'failed to do request: Get "{bucket}": {_TIMEOUT}'
    elif _refuses_layers(region):
        failed = f"unexpected status code {bucket}: 403 Forbidden"
    if failed:
        tried = "ref pull has been retried 5 time(s): failed to copy"
        raise ecs._ImagePullError(f"{tried}: httpReadSeeker: failed open: {failed}")


def until_logs_are_reached(task: str, region: str, stream: str) -> None:
    """Hold the lines of a running task while no way leads to CloudWatch Logs; they are lost when it ends meanwhile.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html: the driver keeps them and tries
    again. Its buffer, at whose end it blocks the container or drops lines, is without end here.
    """
    said = ""
    while missing := calls.lacks(task, "logs", region):
        if missing != said:
            log.warning("the lines of %s wait, since %s does not reach logs: %s", stream, task, missing)
        said = missing
        time.sleep(_AGAIN_SECONDS)
    if said and not interfaces.of(task):
        raise ConnectionError(f"{task} has ended without a way to logs")


def logs(region: str) -> None:
    """The way to CloudWatch Logs."""
    if _lacks("logs", region):
        sent = f'RequestError: send request failed caused by: Post "https://logs.{region}.amazonaws.com/": {_TIMEOUT}'
        tried = "create stream has been retried 1 times: failed to create Cloudwatch log stream"
        raise failures.initialization(f"failed to validate logger args: {tried}: {sent} : exit status 1")
