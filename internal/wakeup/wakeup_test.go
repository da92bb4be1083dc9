package wakeup

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// parameters are those of a stack; memories are what its function remembers, one after the other.
type parameters struct {
	values   map[string]string
	memories []string
	err      error
}

func (p *parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if p.err != nil {
		return nil, p.err
	}
	value, known := p.values[*in.Name]
	if !known {
		return nil, &types.ParameterNotFound{}
	}
	if *in.Name == "memory" && len(p.memories) > 0 {
		value, p.memories = p.memories[0], p.memories[1:]
	}
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: &value}}, nil
}

func (p *parameters) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	if !aws.ToBool(in.Overwrite) {
		return nil, &types.ParameterAlreadyExists{}
	}
	p.values[*in.Name] = *in.Value
	return &ssm.PutParameterOutput{}, nil
}

func caller(p *parameters) *Caller {
	now := func() time.Time { return time.Date(2026, 11, 27, 21, 0, 0, 0, time.UTC) }
	return &Caller{ssm: p, names: Parameters{Memory: "memory", Until: "until"}, now: now, every: time.Millisecond, patience: time.Minute}
}

func sleeping(memories ...string) *parameters {
	return &parameters{values: map[string]string{"memory": "asleep " + LongAgo, "until": LongAgo}, memories: memories}
}

func TestASleepingStackIsGotUpAndKeptUp(t *testing.T) {
	p, told := sleeping("asleep "+LongAgo, "waking "+LongAgo, "awake "+LongAgo), ""
	if err := caller(p).Up(t.Context(), func(text string) { told += text }); err != nil {
		t.Fatal(err)
	}
	if len(p.memories) > 0 || p.values["until"] != "2026-11-27T23:00:00Z" {
		t.Errorf("it did not wait for %v, and stays up until %s", p.memories, p.values["until"])
	}
	if strings.Count(told, "the stack sleeps") != 1 {
		t.Errorf("it tells %q", told)
	}
}

func TestAStackThatIsUpIsKeptUp(t *testing.T) {
	p := sleeping("awake " + LongAgo)
	if err := caller(p).Up(t.Context(), func(text string) { t.Errorf("it tells %s", text) }); err != nil {
		t.Fatal(err)
	}
	if p.values["until"] != "2026-11-27T23:00:00Z" {
		t.Errorf("it stays up until %s", p.values["until"])
	}
}

func TestAStackWithoutParametersDoesNotSleep(t *testing.T) {
	p := &parameters{}
	if sleeps, err := caller(p).Sleeps(t.Context()); err != nil || sleeps {
		t.Errorf("got %t, %v", sleeps, err)
	}
	if err := caller(p).Up(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestAStackThatDoesNotGetUpEndsTheUpdate(t *testing.T) {
	c := caller(sleeping())
	c.patience = 10 * time.Millisecond
	if err := c.Up(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "has not got up within 10ms") {
		t.Errorf("got %v", err)
	}
}

func TestARefusalEndsTheUpdate(t *testing.T) {
	p := &parameters{err: errors.New("AccessDenied")}
	if _, err := caller(p).Sleeps(t.Context()); err == nil || !strings.Contains(err.Error(), "parameter memory: AccessDenied") {
		t.Errorf("got %v", err)
	}
	if err := caller(p).Up(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "parameter until: AccessDenied") {
		t.Errorf("got %v", err)
	}
}
