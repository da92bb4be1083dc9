"""Who is written to has to agree first."""

from helpers.emulator import Emulator


def test_an_address_is_pending_until_it_is_confirmed(aws: Emulator) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="mail")["TopicArn"]
    asked = {"TopicArn": topic, "Protocol": "email", "Endpoint": "oncall@example.com"}
    assert sns.subscribe(**asked)["SubscriptionArn"] == "pending confirmation"
    assert sns.subscribe(**asked | {"Endpoint": "second@example.com"})["SubscriptionArn"] == "pending confirmation"
    counted = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (counted["SubscriptionsPending"], counted["SubscriptionsConfirmed"]) == ("2", "0")
    log = (aws.state / "log").read_text()
    token = log.rpartition("oncall@example.com gets the token ")[2].split()[0]
    confirmed = sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=confirmed)["Attributes"]["PendingConfirmation"] == "false"
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1"


def test_a_queue_needs_no_confirmation(aws: Emulator) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="queue")["TopicArn"]
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-west-1:111122223333:q")
    assert subscribed["SubscriptionArn"].startswith(topic)
