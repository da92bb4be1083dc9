"""A quota is AWS's default or what the account was given."""

import urllib.request

import pytest
from helpers.emulator import Emulator
from helpers.refusals import client

from cloud.account import quotas


def test_the_largest_quota_of_several_stacks_counts() -> None:
    assert quotas.get(quotas.RULES_PER_GROUP) == 60
    for value, wanted in ((100, 100), (60, 100), (200, 200)):
        quotas.give("L-00000000", value)
        assert quotas.get("L-00000000") == wanted


def test_service_quotas_tells_what_the_account_may_have(aws: Emulator) -> None:
    api = client(aws, "service-quotas")
    code = "L-3032A538"
    assert api.get_service_quota(ServiceCode="fargate", QuotaCode=code)["Quota"]["Value"] == 6
    url = f"http://127.0.0.1:{aws.port}/_sandbox/quota?code={code}&value=30"
    urllib.request.urlopen(urllib.request.Request(url, method="POST")).close()
    assert api.get_service_quota(ServiceCode="fargate", QuotaCode=code)["Quota"]["Value"] == 30
    with pytest.raises(api.exceptions.NoSuchResourceException):
        api.get_service_quota(ServiceCode="ec2", QuotaCode=code)
