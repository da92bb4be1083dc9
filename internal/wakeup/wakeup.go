// Package wakeup gets a stack up that sleeps outside of its hours, and keeps it awake while it is updated: what sleeps cannot
// be deployed. It only asks for it; the function of component hours does it.
package wakeup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"dagster-ecs/components/naming"
	"dagster-ecs/internal/awsapi"
)

const (
	// Awake begins the memory of an installation that is up.
	Awake = "awake"
	// LongAgo is a moment of which nothing follows.
	LongAgo = "1970-01-01T00:00:00Z"
)

const (
	// stay is how long an update keeps the installation awake, longer than one takes that changes no large database.
	stay = 2 * time.Hour
	// every is how often it is asked whether it is up.
	every = 3 * time.Second
	// patience bounds the way up: RDS takes minutes, and may take longer.
	patience = 45 * time.Minute
)

// Parameters are where the function of the hours keeps what it stands at, and where it reads until when somebody wants the
// installation awake.
type Parameters struct{ Memory, Until string }

// ParametersOf are those of a stack.
func ParametersOf(names naming.Names) Parameters { return ParametersIn(names.ParameterPath()) }

// ParametersIn are those of a stack, of which the path of its parameters is known.
func ParametersIn(path string) Parameters {
	return Parameters{Memory: path + "/hours/memory", Until: path + "/hours/awake-until"}
}

type api interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// Caller asks one account and region.
type Caller struct {
	ssm             api
	names           Parameters
	now             func() time.Time
	every, patience time.Duration
}

// Open makes a caller for a stack, with the credentials that the provider takes.
func Open(ctx context.Context, region string, names Parameters) (*Caller, error) {
	config, err := awsapi.Load(ctx, region)
	if err != nil {
		return nil, err
	}
	return New(config, names), nil
}

// New makes a caller for a stack.
func New(config aws.Config, names Parameters) *Caller {
	return &Caller{ssm: ssm.NewFromConfig(config), names: names, now: time.Now, every: every, patience: patience}
}

// Sleeps tells whether the stack is not up. One without hours, or that is not there yet, does not sleep.
func (c *Caller) Sleeps(ctx context.Context) (bool, error) {
	found, err := c.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &c.names.Memory})
	var absent *types.ParameterNotFound
	if errors.As(err, &absent) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the parameter %s: %w", c.names.Memory, err)
	}
	return !strings.HasPrefix(aws.ToString(found.Parameter.Value), Awake), nil
}

// Up keeps the stack awake for the next two hours, and returns when it is up. It tells what it waits for.
func (c *Caller) Up(ctx context.Context, tell func(string)) error {
	_, err := c.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &c.names.Until})
	var absent *types.ParameterNotFound
	if errors.As(err, &absent) {
		return nil // the program makes it, and what sleeps has it
	}
	if err != nil {
		return fmt.Errorf("read the parameter %s: %w", c.names.Until, err)
	}
	until := c.now().Add(stay).UTC().Format(time.RFC3339)
	if _, err := c.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &c.names.Until, Value: &until, Overwrite: aws.Bool(true), Type: types.ParameterTypeString,
	}); err != nil {
		return fmt.Errorf("write the parameter %s: %w", c.names.Until, err)
	}
	return c.await(ctx, until, tell)
}

func (c *Caller) await(ctx context.Context, until string, tell func(string)) error {
	bounded, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	progress := awsapi.Progress{Tell: tell}
	for {
		sleeps, err := c.Sleeps(bounded)
		if err != nil || !sleeps {
			return err
		}
		progress.Note("the stack sleeps outside of its hours: waiting for its database and its services, which takes about ten minutes; " +
			"it stays up until " + until)
		if err := awsapi.Pause(bounded, c.every); err != nil {
			return fmt.Errorf("the stack has not got up within %s: the log group of its function hours tells why: %w", c.patience, err)
		}
	}
}
