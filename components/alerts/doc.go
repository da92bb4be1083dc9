// Package alerts builds the topic by which people are told, who listens to it, and the events of AWS that are told.
//
// It owns the topic and its key, the subscriptions (e-mail, Slack by Amazon Q Developer in chat applications, formerly AWS Chatbot, HTTPS such as
// PagerDuty's), the rules for tasks that stopped with an error, Spot capacity that was taken, deployments that failed and
// AWS's own health, and the subscription to the database's events. What wakes people up by HTTPS hears of the alarms that page
// and of nothing else. It refuses addresses that SNS would refuse.
//
// Logical names of children are API: <name>-topic, <name>-topic-policy, <name>-key, <name>-key-alias, <name>-email-<address>,
// <name>-pager-<number>, <name>-slack, <name>-slack-role, <name>-event-<kind>, <name>-event-<kind>-target and <name>-database.
package alerts
