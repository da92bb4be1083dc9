"""Serve Application Auto Scaling.

https://docs.aws.amazon.com/autoscaling/application/APIReference/Welcome.html. MiniStack knows nothing of this service
and answers ``UnknownError``. Targets, policies, scheduled actions and tags are kept and given back as on AWS. Policies
of target tracking scale ECS services (module tracking); scheduled actions and other policies do nothing here.
"""

import copy
import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import ecs

from cloud.autoscaling import tracking
from cloud.core import clock, threads

# What this module uses of MiniStack.
NEEDS = {
    app: "SERVICE_HANDLERS SERVICE_REGISTRY _loaded_modules _state_map",
    iam_actions: "SERVICE_TO_IAM_NAMESPACE",
    router: "SERVICE_PATTERNS",
    ecs: "_services",
}

SERVICE = "application-autoscaling"
_MODULE = "application_autoscaling"
_TARGET = "AnyScaleFrontendService."

_targets = AccountRegionScopedDict()
_policies = AccountRegionScopedDict()
_actions = AccountRegionScopedDict()
_tags = AccountRegionScopedDict()
_activities = AccountRegionScopedDict()
_STORES = {
    "targets": _targets,
    "policies": _policies,
    "actions": _actions,
    "tags": _tags,
    "activities": _activities,
}
_EVERY_SECONDS = 10


class Refusal(Exception):
    """An error of the API: its code and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def install() -> None:
    """Make the service known to MiniStack's router, its authorization and its persistence."""
    router.SERVICE_PATTERNS[SERVICE] = {
        "target_prefixes": [_TARGET],
        "host_patterns": [rf"{SERVICE}\."],
        "credential_scope": SERVICE,
    }
    iam_actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE
    app.SERVICE_REGISTRY[SERVICE] = {"module": _MODULE}
    app.SERVICE_HANDLERS[SERVICE] = handle_request
    app._state_map[_MODULE] = _MODULE
    app._loaded_modules[_MODULE] = sys.modules[__name__]
    clock.every(_EVERY_SECONDS, "target tracking", _follow)


def _follow(_: float) -> None:
    for _scope in threads.each_scope(_policies):
        for key, policy in list(_policies.items()):
            target = key.rsplit("|", 1)[0]
            if policy["PolicyType"] == "TargetTrackingScaling":
                tracking.follow(_targets[target], policy, _activities.setdefault(target, []))


def get_state() -> dict[str, Any]:
    """What MiniStack saves of this service."""
    return {name: copy.deepcopy(store) for name, store in _STORES.items()}


def load_persisted_state(data: dict[str, Any]) -> None:
    """Take over what was saved."""
    for name, store in _STORES.items():
        store.update((data or {}).get(name, {}))


def reset() -> None:
    """Forget everything."""
    for store in _STORES.values():
        store.clear()


async def handle_request(method: str, path: str, headers: dict, body: bytes, query_params: dict) -> tuple:
    """Answer one call of the API (JSON 1.1)."""
    action = headers.get("x-amz-target", "").removeprefix(_TARGET)
    handler = _HANDLERS.get(action)
    try:
        if handler is None:
            raise Refusal("UnknownOperationException", f"Unknown operation: {action}")
        return _json(200, handler(json.loads(body or b"{}")))
    except KeyError as error:
        return _json(400, {"__type": "ValidationException", "Message": f"{error.args[0]} is required"})
    except Refusal as refusal:
        return _json(400, {"__type": refusal.code, "Message": str(refusal)})


def _json(status: int, answer: dict[str, Any]) -> tuple:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()


def _target_key(call: dict[str, Any]) -> str:
    return "|".join((call["ServiceNamespace"], call["ResourceId"], call["ScalableDimension"]))


def _child_key(call: dict[str, Any], name: str) -> str:
    return f"{_target_key(call)}|{call[name]}"


def _target(call: dict[str, Any]) -> dict[str, Any]:
    found = _targets.get(_target_key(call))
    if found is None:
        raise Refusal("ObjectNotFoundException", f"No scalable target registered for {call['ResourceId']}")
    return found


def _require_service(call: dict[str, Any]) -> None:
    """Refuse an ECS service that does not exist, as AWS does when a target is registered."""
    kind, _, name = call["ResourceId"].partition("/")
    cluster, _, service = name.partition("/")
    if call["ServiceNamespace"] != "ecs":
        return
    known = any(
        found.get("serviceName") == service and found.get("clusterArn", "").endswith(f"/{cluster}")
        for found in ecs._services.values()
    )
    if kind != "service" or not known:
        raise Refusal("ValidationException", f"ECS service doesn't exist: {call['ResourceId']}")


def _register(call: dict[str, Any]) -> dict[str, Any]:
    key = _target_key(call)
    target = _targets.get(key)
    if target is None:
        _require_service(call)
        account = get_account_id()
        target = {
            "ServiceNamespace": call["ServiceNamespace"],
            "ResourceId": call["ResourceId"],
            "ScalableDimension": call["ScalableDimension"],
            "CreationTime": time.time(),
            "MinCapacity": call["MinCapacity"],
            "MaxCapacity": call["MaxCapacity"],
            "RoleARN": f"arn:aws:iam::{account}:role/aws-service-role/ecs.{SERVICE}.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService",
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
            "ScalableTargetARN": f"arn:aws:{SERVICE}:{get_region()}:{account}:scalable-target/{uuid.uuid4().hex[:22]}",
        }
        _tags[target["ScalableTargetARN"]] = call.get("Tags", {})
    changed = {name: call[name] for name in ("MinCapacity", "MaxCapacity") if name in call}
    target = target | changed | {"SuspendedState": target["SuspendedState"] | call.get("SuspendedState", {})}
    if target["MinCapacity"] > target["MaxCapacity"]:
        raise Refusal("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    _targets[key] = target
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def _deregister(call: dict[str, Any]) -> dict[str, Any]:
    target, key = _target(call), _target_key(call)
    for policy in [policy for child, policy in _policies.items() if child.startswith(f"{key}|")]:
        tracking.forget(policy)
    _activities.pop(key, None)
    for store in (_policies, _actions):
        for child in [child for child in store if child.startswith(f"{key}|")]:
            del store[child]
    _tags.pop(target["ScalableTargetARN"], None)
    del _targets[key]
    return {}


def _put_policy(call: dict[str, Any]) -> dict[str, Any]:
    _target(call)
    key = _child_key(call, "PolicyName")
    policy = _policies.get(key) or {
        "PolicyARN": f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{uuid.uuid4()}:resource/"
        f"{call['ServiceNamespace']}/{call['ResourceId']}:policyName/{call['PolicyName']}",
        "CreationTime": time.time(),
        "Alarms": [],
    }
    kept = (
        "PolicyName",
        "ServiceNamespace",
        "ResourceId",
        "ScalableDimension",
        "PolicyType",
        "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
        "PredictiveScalingPolicyConfiguration",
    )
    policy = policy | {name: call[name] for name in kept if name in call}
    policy.setdefault("PolicyType", "StepScaling")
    tracked = policy.get("TargetTrackingScalingPolicyConfiguration")
    if (policy["PolicyType"] == "TargetTrackingScaling") != bool(tracked):
        raise Refusal("ValidationException", "A target tracking policy needs its configuration, and no other has one")
    if tracked:
        tracked.setdefault("DisableScaleIn", False)
        policy["Alarms"] = tracking.watch(policy)
    _policies[key] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def _delete_policy(call: dict[str, Any]) -> dict[str, Any]:
    if policy := _policies.get(_child_key(call, "PolicyName")):
        tracking.forget(policy)
    return _deleter(_policies, "PolicyName")(call)


def _describe_activities(call: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    found = [each for kept in _activities.values() for each in kept]
    asked = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    chosen = [each for each in found if all(each[name] == call.get(name, each[name]) for name in asked)]
    return {"ScalingActivities": sorted(chosen, key=lambda each: -each["StartTime"])}


def _put_action(call: dict[str, Any]) -> dict[str, Any]:
    _target(call)
    key = _child_key(call, "ScheduledActionName")
    action = _actions.get(key) or {
        "ScheduledActionARN": f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scheduledAction:{uuid.uuid4()}:"
        f"resource/{call['ServiceNamespace']}/{call['ResourceId']}:"
        f"scheduledActionName/{call['ScheduledActionName']}",
        "CreationTime": time.time(),
    }
    _actions[key] = action | call
    return {}


def _deleter(store: AccountRegionScopedDict, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def delete(call: dict[str, Any]) -> dict[str, Any]:
        if store.pop(_child_key(call, name), None) is None:
            raise Refusal("ObjectNotFoundException", f"No {name} {call[name]} found for {call['ResourceId']}")
        return {}

    return delete


def _lister(
    store: AccountRegionScopedDict, answer: str, names: tuple[str, str]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    plural, single = names

    def describe(call: dict[str, Any]) -> dict[str, Any]:
        namespace, dimension = call["ServiceNamespace"], call.get("ScalableDimension")
        resources = call.get("ResourceIds") or ([call["ResourceId"]] if call.get("ResourceId") else [])
        wanted = call.get(plural) or []
        return {
            answer: [
                {name: value for name, value in found.items() if not name.startswith("_")}
                for found in store.values()
                if found["ServiceNamespace"] == namespace
                and dimension in (None, found["ScalableDimension"])
                and (not resources or found["ResourceId"] in resources)
                and (not wanted or found.get(single) in wanted)
            ]
        }

    return describe


def _tags_of(call: dict[str, Any]) -> dict[str, str]:
    if call["ResourceARN"] not in _tags:
        raise Refusal("ResourceNotFoundException", f"{call['ResourceARN']} was not found")
    return _tags[call["ResourceARN"]]


def _tag(call: dict[str, Any]) -> dict[str, Any]:
    _tags[call["ResourceARN"]] = _tags_of(call) | call["Tags"]
    return {}


def _untag(call: dict[str, Any]) -> dict[str, Any]:
    _tags[call["ResourceARN"]] = {name: value for name, value in _tags_of(call).items() if name not in call["TagKeys"]}
    return {}


_HANDLERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "RegisterScalableTarget": _register,
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _lister(_targets, "ScalableTargets", ("", "")),
    "PutScalingPolicy": _put_policy,
    "DeleteScalingPolicy": _delete_policy,
    "DescribeScalingPolicies": _lister(_policies, "ScalingPolicies", ("PolicyNames", "PolicyName")),
    "PutScheduledAction": _put_action,
    "DeleteScheduledAction": _deleter(_actions, "ScheduledActionName"),
    "DescribeScheduledActions": _lister(_actions, "ScheduledActions", ("ScheduledActionNames", "ScheduledActionName")),
    "DescribeScalingActivities": _describe_activities,
    "ListTagsForResource": lambda call: {"Tags": _tags_of(call)},
    "TagResource": _tag,
    "UntagResource": _untag,
}
