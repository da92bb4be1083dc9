"""One ECS service, for tests of the scheduler."""

from typing import Any

from helpers.sandbox import Sandbox, until

PORT = {"containerPort": 8000}


class Service:
    """One service of the sandbox."""

    def __init__(self, sandbox: Sandbox, name: str, script: str = "", definition: str = "", **more: Any) -> None:
        self.sandbox, self.name = sandbox, name
        self.made = self.ecs.create_service(
            cluster="work",
            serviceName=name,
            taskDefinition=definition or self.define(script),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=sandbox.vpc.configuration,
            **more,
        )["service"]

    @property
    def ecs(self) -> Any:
        """A client: a restarted emulator has another address."""
        return self.sandbox.client("ecs")

    def define(self, script: str, **more: Any) -> str:
        """A definition that runs a script."""
        main = {"entryPoint": ["sh", "-c"], "command": [script], "stopTimeout": 3, "portMappings": [PORT]}
        return self.sandbox.define(main | more)

    def update(self, **more: Any) -> dict:
        """UpdateService."""
        return self.ecs.update_service(cluster="work", service=self.name, **more)["service"]

    def shown(self) -> dict:
        """What DescribeServices says."""
        return self.ecs.describe_services(cluster="work", services=[self.name])["services"][0]

    def history(self) -> list[dict]:
        """What DescribeServiceDeployments says of all deployments, the newest first."""
        listed = self.ecs.list_service_deployments(cluster="work", service=self.name)["serviceDeployments"]
        arns = [each["serviceDeploymentArn"] for each in listed]
        found = self.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]
        return sorted(found, key=lambda each: arns.index(each["serviceDeploymentArn"]))

    def tasks(self) -> list[str]:
        """The tasks that are to run."""
        return self.ecs.list_tasks(cluster="work", serviceName=self.name)["taskArns"]

    def steady(self) -> bool:
        """Whether the provider would say so."""
        found = self.shown()
        return (
            len(found["deployments"]) == 1
            and found["runningCount"] == found["desiredCount"]
            and found["deployments"][0]["rolloutState"] == "COMPLETED"
        )

    def settle(self) -> None:
        """Wait for the steady state."""
        until(f"{self.name} to be steady", self.steady)

    def remove(self) -> None:
        """Delete the service and wait until it has drained."""
        self.ecs.delete_service(cluster="work", service=self.name, force=True)
        until("the service to drain", lambda: self.shown()["status"] == "INACTIVE")
        self.sandbox.gone()
