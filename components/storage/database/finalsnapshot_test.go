package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	rdsapi "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// answered is what RDS says of the one snapshot that is asked for.
type answered struct{ err error }

func (a answered) DescribeDBSnapshots(
	context.Context, *rdsapi.DescribeDBSnapshotsInput, ...func(*rdsapi.Options),
) (*rdsapi.DescribeDBSnapshotsOutput, error) {
	return &rdsapi.DescribeDBSnapshotsOutput{}, a.err
}

func TestInstanceWhoseFinalSnapshotIsThereIsNotMade(t *testing.T) {
	for name, each := range map[string]struct {
		err     error
		refused string
	}{
		"no such snapshot": {fmt.Errorf("DescribeDBSnapshots: %w", &types.DBSnapshotNotFoundFault{}), ""},
		"one is there":     {nil, "by --replace with the URN of db-final-snapshot"},
		"nobody may look":  {errors.New("AccessDenied"), "look for the snapshot last: AccessDenied"},
	} {
		err := refuseTakenSnapshot(t.Context(), answered{each.err}, "last", "db-final-snapshot")
		if each.refused == "" && err != nil || each.refused != "" && (err == nil || !strings.Contains(err.Error(), each.refused)) {
			t.Errorf("%s: got %v, want %q", name, err, each.refused)
		}
	}
}

func TestWhatReplacesTheInstanceNamesItsFinalSnapshotAnew(t *testing.T) {
	keepers := func(change func(*Args)) any {
		a := args(protected)
		if change != nil {
			change(a)
		}
		return fmt.Sprint(build(t, a).One(t, "random:index/randomId:RandomId", "db-final-snapshot").Input("keepers"))
	}
	before := keepers(nil)
	for name, change := range map[string]func(*Args){
		"identifier": func(a *Args) { a.Identifier = "other" },
		"database":   func(a *Args) { a.Name = "other" },
	} {
		if keepers(change) == before {
			t.Errorf("another %s leaves the name as it is", name)
		}
	}
	if keepers(func(a *Args) { a.Size.InstanceClass = "db.m7g.xlarge" }) != before {
		t.Error("another class makes a new name")
	}
}
