package stacks

import (
	"fmt"
	"slices"

	"dagster-ecs/components/naming"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/problems"
)

// checks judge what is made from the settings, with all else that is wrong with them.
var checks = []config.Check{checkLaunch, checkDocuments}

const (
	// jobName is how long the name of a job may be for the check of the launch command.
	jobName = 255
	// longestPartition stands for the account's own, which is not known yet.
	longestPartition = "aws-us-gov"
)

// checkLaunch refuses settings with which no run could be started, since its command would be too long for ECS. The ids
// that AWS gives are not known yet but their lengths are.
func checkLaunch(settings config.Settings) error {
	names, err := naming.New(settings.Prefix, settings.Stack, settings.StackInNames)
	if err != nil {
		return nil // the rules of the two have said so
	}
	wanted := instance(settings, names)
	wanted.Launcher.TaskDefinition = iamdoc.Scope{
		Partition: longestPartition, Region: settings.Region, Account: settings.Account,
	}.ARN("ecs", "task-definition/"+wanted.Launcher.Container+":999999")
	wanted.Launcher.SecurityGroup = "sg-0123456789abcdef0"
	zones := max(settings.Network.Zones, len(settings.Network.PrivateSubnetIDs))
	wanted.Launcher.Subnets = slices.Repeat([]string{"subnet-0123456789abcdef0"}, zones)
	length, err := wanted.LaunchLength(settings.Code.Module, jobName)
	if err != nil {
		return fmt.Errorf("measure the launch command: %w", err)
	}
	var list problems.List
	list.Check(length <= capacity.OverrideLimit, "dagster:runs.tagLimits",
		"%d limits make a run's launch command about %d characters long; ECS allows %d",
		len(settings.Runs.TagLimits), length, capacity.OverrideLimit)
	return list.Err()
}

// checkDocuments refuses variables for which a task definition has no room, and secrets for which a policy has none.
func checkDocuments(settings config.Settings) error {
	names, err := naming.New(settings.Prefix, settings.Stack, settings.StackInNames)
	if err != nil {
		return nil // the rules of the two have said so
	}
	here := iamdoc.Scope{Partition: longestPartition, Region: settings.Region, Account: settings.Account}
	arns := map[string]string{}
	for name := range settings.Secrets {
		arns[name] = here.ARN("ssm", "parameter"+names.ParameterPath()+"/"+name)
	}
	size, err := capacity.DefinitionSize(settings.Environment, arns)
	if err != nil {
		return fmt.Errorf("measure the task definition: %w", err)
	}
	var list problems.List
	list.Check(size <= capacity.DefinitionLimit, "dagster:environment",
		"%d variables make a task definition about %d bytes long, in which they stand once for each container; ECS allows %d",
		len(settings.Environment), size, capacity.DefinitionLimit)
	length := capacity.PolicySize(arns)
	list.Check(length <= capacity.PolicyLimit, "dagster:secrets",
		"%d secrets make the policy by which ECS reads them about %d characters long; IAM allows %d",
		len(settings.Secrets), length, capacity.PolicyLimit)
	return list.Err()
}

// warnOfQuotas says what an account may have to ask for. Where the settings tell a quota, too small a one was refused.
func (s *stack) warnOfQuotas() error {
	onDemand, spot := s.settings.Vcpus()
	for _, each := range []struct {
		key, code string
		stated    int
		needed    float64
	}{
		{"fargateVcpus", capacity.OnDemandQuota, s.settings.Quotas.FargateVcpus, onDemand},
		{"fargateSpotVcpus", capacity.SpotQuota, s.settings.Quotas.FargateSpotVcpus, spot},
	} {
		if each.stated > 0 || each.needed <= capacity.FargateVcpus {
			continue
		}
		if err := s.ctx.Log.Warn(fmt.Sprintf("up to %g vCPUs of Fargate are needed at a time; an account starts with %d in each region. "+
			"Ask Service Quotas for more of %s, and say what you have in dagster:quotas.%s",
			each.needed, capacity.FargateVcpus, each.code, each.key), nil); err != nil {
			return fmt.Errorf("warn of quotas: %w", err)
		}
	}
	return nil
}

// warnOfName says that a browser will refuse the output url.
func (s *stack) warnOfName() error {
	if s.settings.Webserver.CertificateArn == "" || s.settings.Webserver.Hostname != "" {
		return nil
	}
	if err := s.ctx.Log.Warn("the output url has the load balancer's own name, for which there is no certificate: "+
		"set dagster:webserver.hostname to the name that dagster:webserver.certificateArn is for", nil); err != nil {
		return fmt.Errorf("warn of the host name: %w", err)
	}
	return nil
}
