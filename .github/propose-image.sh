#!/usr/bin/env bash
# Proposes an image for the stacks' files by a pull request.
#   propose-image.sh IMAGE
set -euo pipefail
image=$1
make pin-image IMAGE="$image"
git diff --quiet -- 'Pulumi.*.yaml' && { echo "the stacks have $image already"; exit; }
branch="image-${GITHUB_SHA:0:12}"
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git switch --create "$branch"
git commit --all --message "Run the image of ${GITHUB_SHA:0:12}"
git push "https://x-access-token:$GH_TOKEN@github.com/$GITHUB_REPOSITORY.git" "$branch"
gh pr create --repo "$GITHUB_REPOSITORY" --head "$branch" --base main --title "Run the image of ${GITHUB_SHA:0:12}" \
	--body "Built from $GITHUB_SHA and scanned: \`$image\`"
