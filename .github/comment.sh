#!/usr/bin/env bash
# Writes a file as the comment of the pull request PULL_REQUEST that begins with a title, in place of the earlier one.
#   comment.sh FILE TITLE
set -euo pipefail
file=$1 title=$2
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
own=$(gh api --paginate "$comments" --jq '.[] | select(.user.login == "github-actions[bot]") | [.id, .body] | @json' |
	jq -r --arg title "$title" 'select(.[1] | startswith($title)) | .[0]' | head -n 1)
if [ -n "$own" ]; then
	gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$own" --field "body=@$file" --silent
else
	gh api "$comments" --field "body=@$file" --silent
fi
