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

// HTTPSEndpoint refuses what SNS could not call by HTTPS. It is not shown: there may be a secret in it.
func HTTPSEndpoint(endpoint string) error {
	if parsed, err := url.Parse(endpoint); err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" {
		return errors.New("is no https:// URL; one is allowed")
	}
	return nil
}

// PagerName refuses what would not be told from other words in the name of a resource.
func PagerName(name string) error {
	if name != "" && stray(name, or(isLowerOrDigit, "-")) == "" {
		return nil
	}
	return refuse(name, "lower-case letters, digits and hyphens are allowed")
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
