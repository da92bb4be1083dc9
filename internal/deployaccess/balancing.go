package deployaccess

import "dagster-ecs/internal/iamdoc"

func (s *stack) readBalancing() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "ReadBalancing",
			Action: []string{
				"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
				"elasticloadbalancing:DescribeCapacityReservation", "elasticloadbalancing:DescribeListenerAttributes",
				"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancerAttributes",
				"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
				"elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
				"elasticloadbalancing:DescribeTargetHealth",
			},
			Resource: []any{"*"}, // none has resource-level permissions
		},
		{
			Sid:      "ReadScaling",
			Action:   []string{"application-autoscaling:ListTagsForResource"},
			Resource: []any{s.here.ARN("application-autoscaling", "scalable-target/*")},
		},
	}
}

func (s *stack) changeBalancing() []iamdoc.Statement {
	return []iamdoc.Statement{s.balance(), s.scale(), s.watchAlarms()}
}

func (s *stack) balance() iamdoc.Statement {
	name := s.balancer()
	arn := func(rest string) any { return s.here.ARN("elasticloadbalancing", rest) }
	return iamdoc.Statement{
		Sid: "KeepBalancer",
		Action: []string{
			"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
			"elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteListener",
			"elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup",
			"elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes",
			"elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyTargetGroup",
			"elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RemoveTags",
			"elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
		},
		Resource: []any{arn("loadbalancer/app/" + name + "/*"), arn("targetgroup/" + name + "/*"), arn("listener/app/" + name + "/*")},
	}
}

// scale allows scaling ECS services: a scalable target's ARN has an id, and no condition knows what is scaled.
func (s *stack) scale() iamdoc.Statement {
	return iamdoc.Statement{
		Sid: "Scale",
		Action: []string{
			"application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
			"application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
			"application-autoscaling:TagResource", "application-autoscaling:UntagResource",
		},
		Resource: []any{s.here.ARN("application-autoscaling", "scalable-target/*")},
	}
}

// watchAlarms is what whoever sets a scaling policy needs (Application Auto Scaling user guide, identity-based policies).
func (s *stack) watchAlarms() iamdoc.Statement {
	return iamdoc.Statement{
		Sid:      "KeepScalingAlarms",
		Action:   []string{"cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"},
		Resource: []any{s.here.ARN("cloudwatch", "alarm:TargetTracking-service/*/"+s.names.Workload("web")+"-*")},
	}
}
