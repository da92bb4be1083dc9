#!/usr/bin/env bash
# Writes the archive of a tag, its checksum and its part of CHANGELOG.md into a folder.
#   release.sh TAG FOLDER
set -euo pipefail
tag=${1:?TAG is needed, such as v1.0.0} folder=$2
mkdir -p "$folder"
awk -v heading="## ${tag#v}" 'index($0, heading) == 1 { inside = 1; next } /^## / { inside = 0 } inside' CHANGELOG.md > "$folder/notes.md"
grep -q '[^[:space:]]' "$folder/notes.md" || { echo "error: CHANGELOG.md has nothing under ## ${tag#v}" >&2; exit 1; }
name="dagster-ecs-${tag#v}"
git archive --format tar.gz --prefix "$name/" --output "$folder/$name.tar.gz" "$tag"
(cd "$folder" && sha256sum "$name.tar.gz" > SHA256SUMS)
