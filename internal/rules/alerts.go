package rules

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

// Emails refuses what is no plain address, and one that is there twice.
func Emails(addresses []string) error {
	var wrong []error
	for i, address := range addresses {
		parsed, err := mail.ParseAddress(address)
		switch {
		case err != nil || parsed.Address != address:
			wrong = append(wrong, fmt.Errorf("%q: is no e-mail address; one is such as team@example.com", address))
		case slices.Contains(addresses[:i], address):
			wrong = append(wrong, fmt.Errorf("%q: is there twice", address))
		}
	}
	return errors.Join(wrong...)
}

// HTTPSEndpoints refuses what SNS could not call by HTTPS, and one that is there twice. What may be secret in an endpoint is
// not shown.
func HTTPSEndpoints(endpoints []string) error {
	var wrong []error
	for i, endpoint := range endpoints {
		parsed, err := url.Parse(endpoint)
		switch {
		case err != nil || parsed.Scheme != "https" || parsed.Hostname() == "":
			wrong = append(wrong, fmt.Errorf("number %d is no https:// URL", i+1))
		case slices.Contains(endpoints[:i], endpoint):
			wrong = append(wrong, fmt.Errorf("number %d is there twice", i+1))
		}
	}
	return errors.Join(wrong...)
}

// SlackTeam refuses what is no id of a Slack workspace (AWS Chatbot, SlackTeamId: 1 to 255 letters and digits).
func SlackTeam(id string) error { return slackID(id, "T", "a workspace's") }

// SlackChannel refuses what is no id of a Slack channel (AWS Chatbot, SlackChannelId: 1 to 255 letters and digits).
func SlackChannel(id string) error { return slackID(id, "CG", "a channel's") }

func slackID(id, first, whose string) error {
	if id == "" {
		return errRequired
	}
	if strings.ContainsRune(first, rune(id[0])) && len(id) <= 255 && stray(id, or(isDigit, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == "" {
		return nil
	}
	return fmt.Errorf("%q: is no id of Slack; %s is such as %s0123ABCD", id, whose, first[:1])
}
