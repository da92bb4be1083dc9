"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""

from cloud.iam.permissions.checks import Check, Checks, arn, asks, service_linked_role, tags
from cloud.requests.rules import Call

_NEW = {"CreateLoadBalancer": "loadbalancer/app/{}/*", "CreateTargetGroup": "targetgroup/{}/*"}
_NAMED = {
    "LoadBalancerArn": "DeleteLoadBalancer ModifyLoadBalancerAttributes SetIpAddressType SetSecurityGroups SetSubnets",
    "TargetGroupArn": "DeleteTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes",
    "ListenerArn": "DeleteListener ModifyListener ModifyListenerAttributes",
}
_MEMBERS = {operation: member for member, operations in _NAMED.items() for operation in operations.split()}


def _tagged(call: Call, resource: str) -> Checks:
    if entries := call.parameters.get("Tags"):
        context = tags(entries) | {"elasticloadbalancing:CreateAction": call.operation}
        yield Check("elasticloadbalancing:AddTags", resource, context, alone=True)


@asks("elbv2", " ".join(_NEW))
def _new(call: Call) -> Checks:
    resource = arn(call, "elasticloadbalancing", _NEW[call.operation].format(call.parameters["Name"]))
    yield Check(f"elasticloadbalancing:{call.operation}", resource)
    yield from _tagged(call, resource)
    if call.operation == "CreateLoadBalancer":
        host = "elasticloadbalancing.amazonaws.com"
        yield from service_linked_role(call, host, "AWSServiceRoleForElasticLoadBalancing")


@asks("elbv2", "CreateListener")
def _listener(call: Call) -> Checks:
    balancer = call.parameters["LoadBalancerArn"]
    yield Check("elasticloadbalancing:CreateListener", balancer)
    yield from _tagged(call, balancer.replace(":loadbalancer/", ":listener/") + "/*")


@asks("elbv2", " ".join(_MEMBERS))
def _existing(call: Call) -> Checks:
    yield Check(f"elasticloadbalancing:{call.operation}", call.parameters[_MEMBERS[call.operation]])


@asks("elbv2", "AddTags RemoveTags")
def _tagging(call: Call) -> Checks:
    for resource in call.parameters["ResourceArns"]:
        yield Check(f"elasticloadbalancing:{call.operation}", resource)


@asks(
    "elbv2",
    "DescribeListenerAttributes DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTags "
    "DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth DescribeCapacityReservation",
)
def _reading(call: Call) -> Checks:
    yield Check(f"elasticloadbalancing:{call.operation}", "*")
