package deployaccess_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// unrecorded are the actions of the policies that are not in testdata/recorded.txt, by the reason. TestDevelopmentStackRunsDagster
// holds that file against what the roles did.
var unrecorded = map[string]string{
	"AWS asks for it as another call's dependent action, or of a balancer's or database's subnets, and the emulated AWS does not": `
		ec2:DescribeAccountAttributes s3:GetBucketLocation`,
	"the plugin of Session Manager does it when a connection breaks": `
		ssm:ResumeSession ssm:TerminateSession ssmmessages:OpenDataChannel`,
	"changed or removed tags": `
		application-autoscaling:UntagResource cloudwatch:UntagResource ec2:DeleteTags ecs:ListTagsForResource ecs:UntagResource
		elasticloadbalancing:RemoveTags events:UntagResource iam:UntagRole kms:UntagResource lambda:ListTags lambda:UntagResource
		logs:UntagResource rds:RemoveTagsFromResource scheduler:UntagResource sns:UntagResource ssm:RemoveTagsFromResource`,
	"an update of what no test changes, by a setting or a later version of the program": `
		ec2:ModifySecurityGroupRules ec2:ModifySubnetAttribute ec2:ModifyVpcEndpoint ec2:ReplaceRoute
		ec2:ReplaceRouteTableAssociation ecs:UpdateCluster ecs:UpdateClusterSettings
		elasticloadbalancing:DescribeTargetHealth elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyListenerAttributes
		elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:SetIpAddressType elasticloadbalancing:SetSecurityGroups
		elasticloadbalancing:SetSubnets iam:PutRolePermissionsBoundary iam:UpdateAssumeRolePolicy iam:UpdateRole
		iam:UpdateRoleDescription kms:DisableKeyRotation kms:PutKeyPolicy kms:UpdateAlias kms:UpdateKeyDescription
		lambda:GetFunctionConfiguration lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration
		lambda:UpdateFunctionEventInvokeConfig logs:AssociateKmsKey logs:DeleteRetentionPolicy rds:ModifyDBSubnetGroup
		rds:ModifyEventSubscription rds:RebootDBInstance
		rds:ResetDBParameterGroup s3:PutAccelerateConfiguration`,
	"prod is changed and destroyed": `
		application-autoscaling:DeleteScalingPolicy application-autoscaling:DeregisterScalableTarget
		rds:CreateDBSnapshot rds:StopDBInstanceAutomatedBackupsReplication`,
	"people are told by e-mail or HTTPS, which are settings": `
		sns:GetSubscriptionAttributes sns:SetSubscriptionAttributes sns:Subscribe sns:Unsubscribe`,
	"a trail, which of the two stacks prod has": `
		cloudtrail:AddTags cloudtrail:CreateTrail cloudtrail:DeleteTrail cloudtrail:DescribeTrails cloudtrail:GetEventSelectors
		cloudtrail:GetInsightSelectors cloudtrail:GetTrailStatus cloudtrail:ListTags cloudtrail:PutEventSelectors
		cloudtrail:RemoveTags cloudtrail:StartLogging cloudtrail:UpdateTrail s3:PutBucketObjectLockConfiguration`,
	"a stack without NAT": `route53:AssociateVPCWithHostedZone`,
}

func TestEachActionOfThePoliciesIsRecordedOrHasAReason(t *testing.T) {
	text, err := os.ReadFile("testdata/recorded.txt")
	if err != nil {
		t.Fatal(err)
	}
	recorded := strings.Fields(string(text))
	excused := strings.Fields(strings.Join(slices.Collect(maps.Values(unrecorded)), " "))
	all := access(t, settings(t, "prod"))
	allowed := map[string]bool{}
	for _, s := range statements(t, append(all.Deploy.Policies, all.Preview.Policies...)...) {
		for _, action := range s.Action {
			allowed[action] = true
		}
	}
	for action := range allowed {
		if slices.Contains(recorded, action) == slices.Contains(excused, action) {
			t.Errorf("%s is allowed, and recorded: %t, which goes for having a reason, too", action, slices.Contains(recorded, action))
		}
	}
	for _, action := range append(recorded, excused...) {
		if !allowed[action] {
			t.Errorf("%s is not allowed", action)
		}
	}
}
