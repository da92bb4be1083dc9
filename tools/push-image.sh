#!/usr/bin/env bash
# Builds a folder as an image for Fargate, pushes it to ECR by the credentials of the environment, waits for the scan, and writes the
# image's whole name with its digest into a file.
#   push-image.sh REPOSITORY TAG FOLDER FILE
set -euo pipefail
repository=${1:?REPOSITORY is needed, such as 111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager}
tag=${2:?TAG is needed: it is not latest}
folder=$3 file=$4
name=${repository#*/} id=(--repository-name "${repository#*/}" --image-id "imageTag=$tag")

aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"
docker build --platform linux/amd64 --tag "$repository:$tag" "$folder"
docker push "$repository:$tag"
digest=$(aws ecr describe-images "${id[0]}" "$name" --image-ids "imageTag=$tag" --query 'imageDetails[0].imageDigest' --output text)
aws ecr wait image-scan-complete "${id[@]}"
critical=$(aws ecr describe-image-scan-findings "${id[@]}" --query 'imageScanFindings.findingSeverityCounts.CRITICAL' --output text)
if [ "$critical" != None ] && [ "$critical" != 0 ]; then
	echo "error: the scan of $repository:$tag found $critical critical weaknesses: aws ecr describe-image-scan-findings lists them" >&2
	exit 1
fi
mkdir -p "$(dirname "$file")"
echo "$repository:$tag@$digest" > "$file"
