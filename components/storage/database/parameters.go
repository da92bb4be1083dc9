package database

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// How RDS brings a parameter to the server. It keeps what was asked for only where the value is not the family's default:
// for a default it always answers pending-reboot, and another method would show as a change in every preview.
const (
	immediate     = "immediate"
	pendingReboot = "pending-reboot"
)

// parameters make TLS the only way in and say what is logged. Dagster's event log only grows, so autovacuum begins at
// smaller shares of a table than RDS's twentieth and tenth.
var parameters = []struct{ name, value, method string }{
	{"autovacuum_analyze_scale_factor", "0.02", immediate},
	{"autovacuum_vacuum_scale_factor", "0.05", immediate},
	{"log_autovacuum_min_duration", "5000", immediate},
	{"log_lock_waits", "1", immediate},
	{"log_min_duration_statement", strconv.Itoa(slowMilliseconds), immediate},
	{"rds.force_ssl", "1", pendingReboot}, // the default, said all the same: it holds from the first start on
}

// createParameterGroup makes the group of the version's family. A group cannot change its family, and none can be deleted
// while an instance uses it. So that of another version is made beside it, under a name of its own, and the old one goes
// when the instance has left it.
func (b *builder) createParameterGroup() (err error) {
	inputs := rds.ParameterGroupParameterArray{}
	for _, each := range parameters {
		inputs = append(inputs, &rds.ParameterGroupParameterArgs{
			Name: pulumi.String(each.name), Value: pulumi.String(each.value), ApplyMethod: pulumi.String(each.method),
		})
	}
	family := "postgres" + string(b.args.EngineVersion)
	b.parameters, err = rds.NewParameterGroup(b.Ctx, b.Child("parameters"), &rds.ParameterGroupArgs{
		Name:        pulumi.String(b.args.Identifier + "-" + family),
		Family:      pulumi.String(family),
		Description: pulumi.String("Database " + b.args.Identifier),
		Parameters:  inputs,
		// the provider would delete what has a fixed name first
	}, b.Options(pulumi.DeleteBeforeReplace(false))...)
	if err != nil {
		return fmt.Errorf("create parameter group: %w", err)
	}
	return nil
}
