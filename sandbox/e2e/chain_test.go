//go:build e2e && reliability

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// mostUp is how much longer `make up` may take than the resources of its longest chain.
const mostUp = 1.3

// longestChain deploys into an empty sandbox with everything built, and compares the time with that of the resources of
// which each waits for the one before: no deployment can be faster than they are.
func longestChain(t *testing.T) []string {
	s := newSession(t, "dev")
	began, took := time.Now(), make(chan map[string]time.Duration, 1)
	ctx, deployed := context.WithCancel(t.Context())
	defer deployed()
	go func() { took <- durations(ctx, filepath.Join(s.Root(), s.Name, "stacks", s.Stack, "stack", "events")) }()
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	up := time.Since(began)
	deployed()
	resources, err := s.Resources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	chain, length := longest(resources, <-took)
	for _, link := range chain {
		t.Log(link)
	}
	ratio := up.Seconds() / length.Seconds()
	if length == 0 || ratio > mostUp {
		t.Errorf("`make up` takes %s, %.2f times its longest chain (%s); %.1f is allowed", inSeconds(up), ratio, inSeconds(length), mostUp)
	}
	return []string{fmt.Sprintf("%.2f: %s, its longest chain of %d resources takes %s", ratio, inSeconds(up), len(chain), inSeconds(length))}
}

// durations follows the engine's events until the context ends: how long each resource was under way, by its URN.
func durations(ctx context.Context, path string) map[string]time.Duration {
	began, took := map[string]time.Time{}, map[string]time.Duration{}
	var file *os.File
	for file == nil && ctx.Err() == nil {
		file, _ = os.Open(path) // it is there while the engine works
		time.Sleep(50 * time.Millisecond)
	}
	if file == nil {
		return took
	}
	defer file.Close()
	lines, line := bufio.NewReader(file), []byte(nil)
	for {
		more, err := lines.ReadBytes('\n')
		line = append(line, more...)
		if errors.Is(err, io.EOF) {
			if ctx.Err() != nil {
				return took
			}
			time.Sleep(50 * time.Millisecond) // for the engine to write on
			continue
		}
		var event apitype.EngineEvent
		if json.Unmarshal(line, &event) == nil {
			if pre := event.ResourcePreEvent; pre != nil {
				began[pre.Metadata.URN] = time.Now()
			} else if end := event.ResOutputsEvent; end != nil {
				took[end.Metadata.URN] = time.Since(began[end.Metadata.URN])
			}
		}
		line = nil
	}
}

// longest is the chain of resources that takes longest of all in which each depends on the one before, and its time.
// Components take none: theirs is that of their children.
func longest(resources []apitype.ResourceV3, took map[string]time.Duration) (chain []string, length time.Duration) {
	total, before := map[string]time.Duration{}, map[string]string{}
	end := ""
	for _, r := range resources { // the state has what a resource depends on before it
		urn := string(r.URN)
		needed := append([]string{string(r.Parent)}, providerOf(r))
		for _, each := range r.Dependencies {
			needed = append(needed, string(each))
		}
		for _, each := range needed {
			if total[each] > total[before[urn]] {
				before[urn] = each
			}
		}
		total[urn] = total[before[urn]]
		if r.Custom {
			total[urn] += took[urn]
		}
		if total[urn] > total[end] {
			end = urn
		}
	}
	length = total[end]
	for ; end != ""; end = before[end] {
		if took[end] > 0 && total[end] > total[before[end]] {
			chain = append([]string{fmt.Sprintf("%s %s", took[end].Round(time.Millisecond), end)}, chain...)
		}
	}
	return chain, length
}

// providerOf is the URN of a resource's provider.
func providerOf(r apitype.ResourceV3) string {
	const id = "::00000000-0000-0000-0000-000000000000"
	return r.Provider[:max(0, len(r.Provider)-len(id))]
}
