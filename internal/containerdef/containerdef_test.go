package containerdef_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/containerdef"
	"dagster-ecs/internal/pulumitest"
)

func container(edit func(*containerdef.Container)) containerdef.Container {
	c := containerdef.Container{
		Name: "web", Image: "example:1", Command: []any{"serve"}, User: "10001:10001", Essential: true, StopTimeout: 30,
		Log: containerdef.Log{Group: "asset-manager/web", Region: "us-west-1", StreamPrefix: "web"},
	}
	edit(&c)
	return c
}

func plain(*containerdef.Container) {}

func rendered(t *testing.T, containers ...containerdef.Container) string {
	t.Helper()
	texts := make(chan string, 1)
	pulumitest.Record(t, func(*pulumi.Context) error {
		definitions, err := containerdef.Render(containers...)
		if err != nil {
			return err
		}
		definitions.ApplyT(func(text string) string { texts <- text; return text })
		return nil
	})
	return <-texts
}

func TestFormIsTheOneThatIsReadBack(t *testing.T) {
	pulumitest.Golden(t, "containers.json", func() ([]byte, error) {
		text := rendered(t,
			container(func(c *containerdef.Container) {
				c.Environment = map[string]any{"B": "2", "A": pulumi.String("1").ToStringOutput()}
				c.Secrets = map[string]any{"Q": "arn:q", "P": pulumi.String("arn:p").ToStringOutput()}
				c.Port = 3000
				c.Mounts = []containerdef.Mount{{Volume: "home", Path: "/opt/dagster"}}
				c.DependsOn = []containerdef.Dependency{{Container: "configure", Condition: containerdef.Success}}
				c.HealthCheck = &containerdef.HealthCheck{
					Command: []string{"true"}, IntervalSeconds: 30, TimeoutSeconds: 5, Retries: 3,
				}
			}),
			container(func(c *containerdef.Container) { c.Name, c.Essential = "configure", false }),
		)
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			return nil, err
		}
		return json.MarshalIndent(value, "", "  ")
	})
}

func TestNothingIsNull(t *testing.T) {
	if text := rendered(t, container(plain)); strings.Contains(text, "null") {
		t.Errorf("a null in %s", text)
	}
}

func TestEveryContainerIsHardened(t *testing.T) {
	text := rendered(t, container(plain), container(func(c *containerdef.Container) { c.Name, c.Essential = "init", false }))
	var definitions []map[string]any
	if err := json.Unmarshal([]byte(text), &definitions); err != nil {
		t.Fatal(err)
	}
	for _, definition := range definitions {
		linux, _ := definition["linuxParameters"].(map[string]any)
		capabilities, _ := linux["capabilities"].(map[string]any)
		drop, _ := capabilities["drop"].([]any)
		if definition["readonlyRootFilesystem"] != true || definition["user"] != "10001:10001" ||
			linux["initProcessEnabled"] != true || len(drop) != 1 || drop[0] != "ALL" {
			t.Errorf("%v is not hardened: %v", definition["name"], definition)
		}
		if definition["privileged"] != nil {
			t.Errorf("%v says something about privileged", definition["name"])
		}
	}
}

func TestRefusals(t *testing.T) {
	for want, edit := range map[string]func(*containerdef.Container){
		"name: is required":             func(c *containerdef.Container) { c.Name = "" },
		"image: is required":            func(c *containerdef.Container) { c.Image = nil },
		"command: is required":          func(c *containerdef.Container) { c.Command = nil },
		`user: "0:0"`:                   func(c *containerdef.Container) { c.User = "0:0" },
		`user: "root"`:                  func(c *containerdef.Container) { c.User = "root" },
		`user: ""`:                      func(c *containerdef.Container) { c.User = "" },
		"stopTimeout: 121":              func(c *containerdef.Container) { c.StopTimeout = 121 },
		"log.group: is required":        func(c *containerdef.Container) { c.Log.Group = nil },
		"log.streamPrefix: is required": func(c *containerdef.Container) { c.Log.StreamPrefix = "" },
		`mount.path: "home"`: func(c *containerdef.Container) {
			c.Mounts = []containerdef.Mount{{Volume: "home", Path: "home"}}
		},
		"P is in the environment as well": func(c *containerdef.Container) {
			c.Environment, c.Secrets = map[string]any{"P": "1"}, map[string]any{"P": "arn"}
		},
		`"init" is no other container`: func(c *containerdef.Container) {
			c.DependsOn = []containerdef.Dependency{{Container: "init", Condition: containerdef.Success}}
		},
		"one at least must be essential": func(c *containerdef.Container) { c.Essential = false },
		"healthCheck.intervalSeconds: 4": func(c *containerdef.Container) {
			c.HealthCheck = &containerdef.HealthCheck{Command: []string{"true"}, IntervalSeconds: 4, TimeoutSeconds: 2, Retries: 1}
		},
	} {
		_, err := containerdef.Render(container(edit))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if _, err := containerdef.Render(container(plain), container(plain)); err == nil {
		t.Error("two containers of one name are accepted")
	}
}
