"""A quota is AWS's default or what the account was given."""

from cloud.account import quotas


def test_the_largest_quota_of_several_stacks_counts() -> None:
    assert quotas.get(quotas.RULES_PER_GROUP) == 60
    for value, wanted in ((100, 100), (60, 100), (200, 200)):
        quotas.give("L-00000000", value)
        assert quotas.get("L-00000000") == wanted
