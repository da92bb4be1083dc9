package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/problems"
)

var (
	regionForm  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	accountForm = regexp.MustCompile(`^\d{12}$`)
	prefixForm  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	// an image's name as the distribution specification has it: registry with port, path, then tag, digest or both
	imageForm = regexp.MustCompile(
		`^[a-z0-9]+([._-]+[a-z0-9]+)*(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$`)
	clusterForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	moduleForm  = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
)

// reservedPrefixes begin parameter paths and log groups that AWS keeps for itself (Systems Manager and CloudWatch Logs).
var reservedPrefixes = []string{"aws", "ssm"}

// retentions are the days that CloudWatch Logs offers (API reference, PutRetentionPolicy).
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// validate reports every wrong value, under the key that sets it.
func (s Settings) validate() error {
	var list problems.List
	s.validateStack(&list)
	s.validateImage(&list)
	s.validateNetwork(&list)
	s.validateBucket(&list)
	s.validateDatabase(&list)
	s.validateWebserver(&list)
	s.validateRuns(&list)
	s.validateVariables(&list)
	s.validateCapacity(&list)
	return list.Err()
}

// form checks a text that must be given against its form.
func form(list *problems.List, key, value string, allowed *regexp.Regexp, says string) {
	list.Required(key, value)
	list.Check(value == "" || allowed.MatchString(value), key, "%q %s", value, says)
}

func (s Settings) validateStack(list *problems.List) {
	if _, err := naming.New("prefix", s.Stack); err != nil {
		list.Addf("", "%v", err)
	}
	form(list, "aws:region", s.Region, regionForm, "is no region such as us-west-1")
	form(list, "dagster:account", s.Account, accountForm, "is no account (twelve digits, quoted)")
	list.OneOf("dagster:profile", string(s.Profile), string(ProfileDev), string(ProfileProd))
	list.Check(prefixForm.MatchString(s.Prefix) && len(s.Prefix) >= 2 && len(s.Prefix) <= 20, "dagster:prefix",
		"%q is not 2 to 20 lower-case letters, digits and single hyphens, a letter first", s.Prefix)
	for _, reserved := range reservedPrefixes {
		list.Check(!strings.HasPrefix(s.Prefix, reserved), "dagster:prefix", "%q begins with %s, which AWS reserves", s.Prefix, reserved)
	}
	list.Check(s.ReplicaRegion == "" || regionForm.MatchString(s.ReplicaRegion), "dagster:replicaRegion",
		"%q is no region such as us-west-2", s.ReplicaRegion)
	list.Check(s.ReplicaRegion == "" || s.ReplicaRegion != s.Region, "dagster:replicaRegion",
		"%q is aws:region itself, a copy there survives nothing", s.ReplicaRegion)
	list.Check(clusterForm.MatchString(s.Cluster.Name), "dagster:cluster.name",
		"%q is not 1 to 255 letters, digits, hyphens and underscores", s.Cluster.Name)
	list.OneOf("dagster:cluster.insights", string(s.Cluster.Insights),
		string(InsightsDisabled), string(InsightsEnabled), string(InsightsEnhanced))
	list.Check(slices.Contains(retentions, s.Logs.RetentionDays), "dagster:logs.retentionDays",
		"%d is no retention of CloudWatch Logs (%s)", s.Logs.RetentionDays, join(retentions))
	list.Between("dagster:logs.tickDays", s.Logs.TickDays, 1, 3650)
}

func (s Settings) validateImage(list *problems.List) {
	form(list, "dagster:image", s.Image, imageForm, "is no image with a tag or a digest")
	list.Check(!strings.HasSuffix(s.Image, ":latest"), "dagster:image",
		"%q has the tag latest: a task started tomorrow would run other code", s.Image)
	form(list, "dagster:code.module", s.Code.Module, moduleForm, "is no Python module such as asset_manager.definitions")
}

// join lists numbers for people.
func join(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}
