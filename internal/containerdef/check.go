package containerdef

import (
	"path"
	"strings"

	"dagster-ecs/internal/problems"
)

// check reports everything that ECS or this program's rules refuse.
func check(containers []Container) error {
	var list problems.List
	essential := false
	names := map[string]bool{}
	for _, container := range containers {
		list.Check(!names[container.Name], "containers", "name %q is there twice", container.Name)
		names[container.Name] = true
		essential = essential || container.Essential
	}
	list.Check(essential, "containers", "one at least must be essential")
	for _, container := range containers {
		list.Take("container "+container.Name, container.check(names))
	}
	return list.Err()
}

func (c Container) check(siblings map[string]bool) error {
	var list problems.List
	list.Required("name", c.Name)
	list.Check(c.Image != nil && c.Image != "", "image", "is required")
	list.Check(len(c.Command) > 0, "command", "is required")
	user, _, _ := strings.Cut(c.User, ":")
	list.Check(user != "" && user != "root" && user != "0", "user", "%q: a user that is not root is required", c.User)
	list.Between("stopTimeout", c.StopTimeout, 2, 120)
	list.Between("port", c.Port, 0, 65535)
	list.Check(c.Log.Group != nil && c.Log.Group != "", "log.group", "is required")
	list.Required("log.region", c.Log.Region)
	list.Required("log.streamPrefix", c.Log.StreamPrefix)
	for _, mount := range c.Mounts {
		list.Required("mount.volume", mount.Volume)
		list.Check(path.IsAbs(mount.Path) && mount.Path != "/", "mount.path", "%q: an absolute path below the root is required", mount.Path)
	}
	for name := range c.Secrets {
		_, twice := c.Environment[name]
		list.Check(!twice, "secrets", "%s is in the environment as well", name)
	}
	for _, dependency := range c.DependsOn {
		list.Check(siblings[dependency.Container] && dependency.Container != c.Name,
			"dependsOn", "%q is no other container of the task", dependency.Container)
		list.OneOf("dependsOn.condition", string(dependency.Condition), string(Success), string(Healthy))
	}
	if c.HealthCheck != nil {
		list.Take("healthCheck", c.HealthCheck.check())
	}
	return list.Err()
}

func (h HealthCheck) check() error {
	var list problems.List
	list.Check(len(h.Command) > 0, "command", "is required")
	list.Between("intervalSeconds", h.IntervalSeconds, 5, 300)
	list.Between("timeoutSeconds", h.TimeoutSeconds, 2, 60)
	list.Between("retries", h.Retries, 1, 10)
	list.Between("startSeconds", h.StartSeconds, 0, 300)
	return list.Err()
}
