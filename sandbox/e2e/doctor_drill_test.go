//go:build e2e && drill

package e2e

import (
	"slices"
	"testing"
	"time"
)

// curable are faults that leave nothing behind when they are mended.
var curable = []fault{
	{
		name:  "the parameters' key is to be deleted",
		do:    `aws kms schedule-key-deletion --key-id "$(key secrets)" --pending-window-in-days 7`,
		cure:  `aws kms cancel-key-deletion --key-id "$(key secrets)"; aws kms enable-key --key-id "$(key secrets)"`,
		found: "The key of the parameters is going to be deleted",
	},
	{
		name: "a key's policy lets the roles use it no more",
		do: `aws kms get-key-policy --key-id "$(key data)" --policy-name default --query Policy --output text > own
			sed 's/"kms:\*"/"kms:Describe*", "kms:Get*", "kms:List*", "kms:PutKeyPolicy"/' own > other
			aws kms put-key-policy --key-id "$(key data)" --policy-name default --policy file://other`,
		cure:  `aws kms put-key-policy --key-id "$(key data)" --policy-name default --policy file://own`,
		found: "The policy of the key of the bucket does not leave the decision to IAM",
	},
	{
		name: "the bucket's policy keeps the monitor out",
		do: `B=$(pulumi stack output bucketName)
			aws s3api get-bucket-policy --bucket "$B" --query Policy --output text > bucket
			sed 's|"Statement": *\[|&{"Sid":"Mine","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::'"$B"'/dagster/monitor/*"},|' \
				bucket > refusing
			aws s3api put-bucket-policy --bucket "$B" --policy file://refusing`,
		cure:  `aws s3api put-bucket-policy --bucket "$(pulumi stack output bucketName)" --policy file://bucket`,
		found: "The policy of the bucket refuses by statements that are not the program's",
	},
	{
		name:  "the role that starts webservers loses its policy",
		do:    `take asset-manager-dev-web-execution`,
		cure:  `give asset-manager-dev-web-execution`,
		found: "The role arn:aws:iam::111122223333:role/asset-manager-dev-web-execution may not do",
	},
	{
		name: "the image is deleted",
		do: `image
			aws ecr batch-get-image --repository-name "$R" --image-ids imageTag="$T" --query 'images[0].imageManifest' --output text > manifest
			aws ecr batch-delete-image --repository-name "$R" --image-ids imageTag="$T"`,
		cure:  `image; aws ecr put-image --repository-name "$R" --image-tag "$T" --image-manifest file://manifest`,
		found: "The image 111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager",
	},
	{
		name: "a rule of the database's security group is taken away",
		do: `G=$(pulumi stack output databaseSecurityGroupId) F=$(pulumi stack output runSecurityGroupId)
			aws ec2 revoke-security-group-ingress --group-id "$G" --ip-permissions "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$F}]"`,
		cure: `G=$(pulumi stack output databaseSecurityGroupId) F=$(pulumi stack output runSecurityGroupId)
			aws ec2 authorize-security-group-ingress --group-id "$G" --ip-permissions "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$F}]"`,
		found: "The security groups keep runs from the database",
	},
	{
		name:  "two daemons are asked for",
		do:    `count daemon 2`,
		cure:  `count daemon 1`,
		found: "The service asset-manager-dev-daemon is set to 2 tasks",
	},
	{
		name:  "a deployment may run two daemons",
		do:    `most 200`,
		cure:  `most 100`,
		found: "A deployment of asset-manager-dev-daemon runs two daemons",
	},
	{
		name:  "the webserver's count is set to none",
		do:    `count web 0`,
		cure:  `count web 1`,
		found: "No webserver of asset-manager-dev-web is healthy",
	},
	{
		name:  "a service does not run its newest revision",
		do:    `register asset-manager-dev-web`,
		cure:  `aws ecs deregister-task-definition --task-definition "$(cat newest)"`,
		found: "The service asset-manager-dev-web does not run its newest revision",
	},
	{
		name:  "the tables were migrated for another image",
		do:    `register asset-manager-dev-migration /asset-manager:9`,
		cure:  `aws ecs deregister-task-definition --task-definition "$(cat newest)"`,
		found: "asset-manager-dev-daemon has another image than the tables were migrated for",
	},
	{
		name:  "webservers are not healthy",
		do:    `checks /nosuch 404`,
		cure:  `checks /server_info 200`,
		found: "A webserver of asset-manager-dev-web is unhealthy",
	},
	{
		name:  "the database is stopped",
		do:    `aws rds stop-db-instance --db-instance-identifier asset-manager-dev`,
		cure:  `aws rds start-db-instance --db-instance-identifier asset-manager-dev; aws rds wait db-instance-available --db-instance-identifier asset-manager-dev`,
		found: "The database asset-manager-dev is stop",
	},
}

// lasting are faults of which something stays: ECS tells of a task for an hour, and a log group comes back without its past.
var lasting = []fault{
	{
		name: "a run's container ends before its run does",
		do: `aws ecs run-task --cluster fulcrum-cluster-dev --launch-type FARGATE --task-definition asset-manager-dev-run --query failures \
			--network-configuration "awsvpcConfiguration={subnets=[$(pulumi stack output privateSubnetIds --json | tr -d '[:space:][]"')],securityGroups=[$(pulumi stack output runSecurityGroupId)]}" \
			--overrides '{"containerOverrides": [{"name": "asset-manager-dev-run", "command": ["python", "-c", "import sys; sys.exit(3)"]}]}'`,
		found: "Tasks of runs ended before their runs did",
	},
	{
		name:  "a log group is deleted",
		do:    `aws logs delete-log-group --log-group-name asset-manager-dev/runs`,
		found: "The log group asset-manager-dev/runs is not there",
	},
	{
		name:  "a role is deleted",
		do:    `take asset-manager-dev-web-execution; aws iam delete-role --role-name asset-manager-dev-web-execution`,
		found: "The role arn:aws:iam::111122223333:role/asset-manager-dev-web-execution is not there",
	},
	{
		name:  "a service is deleted",
		do:    `aws ecs delete-service --force --cluster fulcrum-cluster-dev --service asset-manager-dev-web --query service.status`,
		found: "The service asset-manager-dev-web is",
	},
}

// more are words for these faults.
const more = `
image() {
	R=asset-manager
	T=$(aws ecs describe-task-definition --task-definition asset-manager-dev-web --query 'taskDefinition.containerDefinitions[0].image' --output text)
	T=${T##*:}
}
most() {
	aws ecs update-service --cluster fulcrum-cluster-dev --service asset-manager-dev-daemon --query service.status \
		--deployment-configuration "maximumPercent=$1,minimumHealthyPercent=0,deploymentCircuitBreaker={enable=true,rollback=true}"
}
register() {
	aws ecs describe-task-definition --task-definition "$1" --query taskDefinition --output json > definition
	python3 - "$2" > copy <<'END'
import json, sys
definition = json.load(open("definition"))
for name in ("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy"):
    definition.pop(name, None)
for container in definition["containerDefinitions"]:
    if sys.argv[1]:
        container["image"] = container["image"].split("/")[0] + sys.argv[1]
print(json.dumps(definition))
END
	aws ecs register-task-definition --cli-input-json file://copy --query taskDefinition.taskDefinitionArn --output text > newest
}
checks() {
	aws elbv2 modify-target-group --health-check-path "$1" --matcher HttpCode="$2" --query 'TargetGroups[].HealthCheckPath' --target-group-arn \
		"$(aws elbv2 describe-target-groups --names asset-manager-dev-web --query 'TargetGroups[0].TargetGroupArn' --output text)"
}
`

// It takes a quarter of an hour by itself, so it has a command of its own: make doctor-drill.
func TestTheDoctorNamesEachFaultAndNothingElse(t *testing.T) {
	s := newSession(t, "dev")
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := connect(t, s).patient()
	p.exports += more
	eventually(t, 5*time.Minute, p.healthy)
	for _, each := range slices.Concat(sample, curable) {
		p.suffers(each, true)
	}
	eventually(t, 10*time.Minute, p.healed)
	for _, each := range lasting {
		p.suffers(each, false)
	}
}
