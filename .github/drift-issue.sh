#!/usr/bin/env bash
# Opens an issue of what drifted in the stack STACK, adds to the one that is open, or closes it when nothing has.
#   drift-issue.sh success|failure FILE
set -euo pipefail
outcome=$1 found=$2
title="Drift in $STACK"
open=$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --search "in:title \"$title\"" --json number,title \
	--jq ".[] | select(.title == \"$title\") | .number" | head -n 1)
if [ "$outcome" = success ]; then
	[ -z "$open" ] || gh issue close "$open" --repo "$GITHUB_REPOSITORY" --comment "Nothing differs any more."
	exit
fi
body=$(printf '`make drift STACK=%s` finds\n\n```\n%s\n```\n' "$STACK" "$(tail -c 60000 "$found")")
if [ -n "$open" ]; then
	gh issue comment "$open" --repo "$GITHUB_REPOSITORY" --body "$body"
else
	gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --body "$body"
fi
exit 1
