//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/checkout"
	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/images"
	"dagster-ecs/sandbox/mutants"
)

// ownStackFile has nothing of the guide's: another account, region, prefix, cluster and image, and secrets that only
// their owner's key opens.
const ownStackFile = `secretsprovider: awskms://alias/own?region=eu-central-1
encryptedkey: AQICAHg0
config:
  aws:region: eu-central-1
  dagster:account: "222233334444"
  dagster:profile: dev
  dagster:protect: false
  dagster:prefix: own-data
  dagster:image: 222233334444.dkr.ecr.eu-central-1.amazonaws.com/own/app:2.0
  dagster:cluster:
    name: own-cluster
  dagster:code:
    module: asset_manager.definitions
  dagster:network:
    zones: 3
  dagster:database:
    engineVersion: "16"
    instanceClass: db.t4g.small
    storageGiB: 30
  dagster:webserver:
    cpu: 512
    memory: 2048
  dagster:secrets:
    API_TOKEN:
      secure: v1:7aUZQm0bXgYwIc1R:q1w2e3
    OTHER_TOKEN:
      secure: v1:7aUZQm0bXgYwIc1R:a1s2d3
`

// ownAsset succeeds where the stand-ins for the secrets reach the run.
const ownAsset = `

@asset(group_name="stories")
def own_asset() -> int:
    import os

    if os.environ["API_TOKEN"] != "given" or not os.environ["OTHER_TOKEN"].startswith("stand-in-"):
        raise ValueError("the stand-ins did not reach the run")
    return 1
`

// own is a second checkout with a stack file of its own, and a person's copy of the example beside it.
type own struct {
	*cloud
	project string
}

func TestAnOwnStackFileAndAnEditedProjectReachTheSandbox(t *testing.T) {
	t.Parallel()
	s := newSessionIn(t, secondCheckout(t), "own")
	s.Project = filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(s.Project, os.DirFS(filepath.Join(s.Repo, "examples/asset-manager"))); err != nil {
		t.Fatal(err)
	}
	ownImage(t, filepath.Join(s.Project, "Dockerfile"))
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := own{connect(t, s), s.Project}
	for _, step := range []struct {
		name string
		test func(own)
	}{
		{"environment and logs are those of the stack file", func(o own) { ownNames(o) }},
		{"an edit reaches webserver and runs and touches nothing else", func(o own) { edited(o) }},
		{"a second up changes nothing", func(o own) { secondUp(o.cloud) }},
		{"a changed secret reaches the services that read it", func(o own) { changedSecret(o) }},
		{"an image that breaks its contract says so before anything starts", brokenImages},
		{"changes that a deployed stack does not bear are refused", refused},
		{"PostgreSQL is upgraded with its data, and what else interrupts is changed with it", changed},
		{"mistakes in the program are noticed", noticed},
		{"the NAT gateway goes from a stack that is up, a run succeeds, and nothing is open that nothing needs", withoutNat},
		{"another account is refused for the sandbox that is up", func(o own) { otherAccount(o) }},
	} {
		t.Run(step.name, func(t *testing.T) { step.test(own{o.with(t), o.project}) })
	}
}

// secondCheckout copies the files that git knows, and adds a stack file and a stand-in for one of its secrets.
func secondCheckout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := checkout.Copy(t.Context(), repository(t), dir); err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{"Pulumi.own.yaml": ownStackFile, ".sandbox/secrets.yaml": "API_TOKEN: given\n"})
	return dir
}

func ownNames(o own) {
	env, err := o.session.Environment(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	if env["AWS_REGION"] != "eu-central-1" {
		o.t.Errorf("the region is %s", env["AWS_REGION"])
	}
	if arn := o.output("runTaskDefinitionArn"); !strings.HasPrefix(arn, "arn:aws:ecs:eu-central-1:222233334444:task-definition/own-data-own-run:") {
		o.t.Errorf("the run's task definition is %s", arn)
	}
	if zones := zonesOf(o.cloud); len(zones) != 3 {
		o.t.Errorf("the subnets are in %v, want three zones", zones)
	}
	var said bytes.Buffer
	session := *o.session
	session.Out = &said
	if err := session.Logs(o.t.Context(), time.Hour, false); err != nil {
		o.t.Fatal(err)
	}
	if !strings.Contains(said.String(), "own-data-own/web ") {
		o.t.Errorf("the logs are %q, want the webserver's", said.String())
	}
}

// zonesOf are the zones of the stack's subnets.
func zonesOf(c *cloud) []string {
	var zones []string
	for _, r := range resources(c) {
		if r.Type == "aws:ec2/subnet:Subnet" {
			zones = append(zones, fmt.Sprint(r.Outputs["availabilityZone"]))
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

func resources(c *cloud) []apitype.ResourceV3 {
	c.t.Helper()
	all, err := c.session.Resources(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

func edited(o own) {
	other := otherImage(o)
	before, task := resources(o.cloud), o.runningWeb()
	edit(o.t, filepath.Join(o.project, "asset_manager/assets.py"), func(text string) string { return text + ownAsset })
	edit(o.t, filepath.Join(o.project, "asset_manager/definitions.py"), func(text string) string {
		return strings.NewReplacer("assets import every", "assets import own_asset, every", "assets=[", "assets=[own_asset, ").Replace(text)
	})
	if changes, err := o.session.Preview(o.t.Context(), commands.Summary); err != nil || changes.None() {
		o.t.Errorf("a preview of the edit shows %s, %v", changes, err)
	}
	if o.runningWeb() != task {
		o.t.Error("the preview changed what runs")
	}
	began := time.Now()
	if _, err := o.session.Up(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	o.t.Logf("the edit was up after %s", time.Since(began).Round(time.Second))
	onlyCodeChanged(o.cloud, before)
	id := o.launch("daily_assets_job")
	o.follow(id, runWithin, dagster.Success)
	if materialized := o.materializedBy("own_asset"); materialized != id {
		o.t.Errorf("the new asset was last materialized by %q, want the run %s", materialized, id)
	}
	if now := other(); now == "" {
		o.t.Error("the image of another sandbox with the same project is gone")
	}
}

// built builds a project for another sandbox, and answers the image's name and how to remove it.
func built(o own, dir string) (ref string, remove func()) {
	o.t.Helper()
	e, err := o.session.Attach(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	label := engine.InstanceLabel + "=" + o.session.Name + "-other"
	project, err := images.OpenProject(dir, "222233334444.dkr.ecr.eu-central-1.amazonaws.com/own/app:2.0")
	if err != nil {
		o.t.Fatal(err)
	}
	project.Label = label
	ref, err = images.New(e.Engine, o.session.Repo, o.session.Cache, o.session.Progress).Code(o.t.Context(), *project)
	if err != nil {
		o.t.Fatal(err)
	}
	return ref, func() {
		if err := e.Engine.RemoveLabeled(context.Background(), label); err != nil {
			o.t.Error(err)
		}
	}
}

// otherImage builds the project for another sandbox, and answers how to look for its image.
func otherImage(o own) (id func() string) {
	o.t.Helper()
	ref, remove := built(o, o.project)
	o.t.Cleanup(remove)
	return func() string {
		out, err := o.engine("image", "inspect", "--format", "{{.Id}}", ref)
		if err != nil {
			return ""
		}
		return out
	}
}

func (o own) runningWeb() string {
	o.t.Helper()
	task, err := o.serviceTask(o.t.Context(), o.web)
	if err != nil {
		o.t.Fatal(err)
	}
	return task
}

func edit(t *testing.T, path string, change func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(text))
	if changed == string(text) {
		t.Fatalf("the edit does not change %s", path)
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// onlyCodeChanged checks that a new image replaced task definitions and what names them, and nothing else.
func onlyCodeChanged(c *cloud, before []apitype.ResourceV3) {
	c.t.Helper()
	want := []string{
		"aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition", "aws:s3/bucketObjectv2:BucketObjectv2",
		"aws:scheduler/schedule:Schedule", // of the maintenance
		"aws:ssm/parameter:Parameter",     // of the outputs that name a revision
	}
	if got := changedTypes(c.t, before, resources(c)); !slices.Equal(got, want) {
		c.t.Errorf("changed are %v, want %v", got, want)
	}
}

// ciphertext is a secret in the state, which each update encrypts anew.
var ciphertext = regexp.MustCompile(`"ciphertext":"[^"]*"`)

// changedTypes are the types of resources that came, went or have another ID or other inputs.
func changedTypes(t *testing.T, before, after []apitype.ResourceV3) []string {
	t.Helper()
	const same = 2 // it is there before and after
	seen, types := map[string]int{}, map[string]string{}
	for _, r := range slices.Concat(before, after) {
		inputs, err := json.Marshal(r.Inputs)
		if err != nil {
			t.Fatal(err)
		}
		if r.Custom {
			state := fmt.Sprintln(r.URN, r.ID, ciphertext.ReplaceAllString(string(inputs), ""))
			seen[state]++
			types[state] = string(r.Type)
		}
	}
	var changed []string
	for state, times := range seen {
		if times != same {
			changed = append(changed, types[state])
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// materializedBy asks the UI's GraphQL for the run that last materialized an asset; an asset that is not there fails.
func (o own) materializedBy(asset string) string {
	o.t.Helper()
	var data struct {
		AssetNodes []struct {
			AssetKey              struct{ Path []string }
			AssetMaterializations []struct{ RunID string }
		}
	}
	o.query(`{ assetNodes { assetKey { path } assetMaterializations(limit: 1) { runId } } }`, nil, &data)
	for _, node := range data.AssetNodes {
		if slices.Equal(node.AssetKey.Path, []string{asset}) {
			if len(node.AssetMaterializations) == 0 {
				return ""
			}
			return node.AssetMaterializations[0].RunID
		}
	}
	o.t.Fatalf("the UI has no asset %s: %+v", asset, data)
	return ""
}

// changedSecret changes one of two secrets: webserver and daemon start anew with it, and a run needs no new definition.
func changedSecret(o own) {
	before, definition := resources(o.cloud), o.output("runTaskDefinitionArn")
	writeFiles(o.t, o.session.Repo, map[string]string{".sandbox/secrets.yaml": "API_TOKEN: changed\n"})
	if _, err := o.session.Up(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	want := []string{"aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition"} // a secret is cipher text here
	if got := changedTypes(o.t, before, resources(o.cloud)); !slices.Equal(got, want) {
		o.t.Errorf("changed are %v, want %v", got, want)
	}
	if now := o.output("runTaskDefinitionArn"); now != definition {
		o.t.Errorf("runs are started from %s, want still %s", now, definition)
	}
	for _, service := range []string{o.web, o.daemon} {
		task, err := o.serviceTask(o.t.Context(), service)
		if err != nil {
			o.t.Fatal(err)
		}
		out, err := o.engine("exec", o.container(task, service), "python", "-c", "import os; print(os.environ['API_TOKEN'])")
		if err != nil || strings.TrimSpace(out) != "changed" {
			o.t.Errorf("%s has the secret %q (%v), want the new one", service, out, err)
		}
	}
}

// noticed makes some of the mutants, and then deploys the program as it is.
func noticed(o own) {
	set, err := mutants.Load()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, patch := range set.Sample() {
		if err := patch.Notice(o.t.Context(), o.session); err != nil {
			o.t.Error(err)
		}
	}
	if _, err := o.session.Up(o.t.Context()); err != nil {
		o.t.Error(err)
	}
}

func otherAccount(o own) {
	session := *o.session
	session.Set = map[string]string{"dagster:account": "333344445555"}
	_, err := session.Preview(o.t.Context(), commands.Summary)
	if err == nil || !strings.Contains(err.Error(), "was brought up for the account 222233334444") {
		o.t.Errorf("the error is %v, want one that names the account it was brought up for", err)
	}
}

func TestAStackInGovCloudRollsANewImageMovesAndIsBuiltAgain(t *testing.T) {
	t.Parallel()
	s := newSession(t, "dev")
	const repository = "444455556666.dkr.ecr.us-gov-west-1.amazonaws.com/asset-manager"
	s.Set["aws:region"], s.Set["dagster:account"], s.Set["dagster:image"] = "us-gov-west-1", "444455556666", repository+":1.0.0"
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	before, definition := resources(c), c.output("runTaskDefinitionArn")
	if !strings.HasPrefix(definition, "arn:aws-us-gov:ecs:us-gov-west-1:444455556666:") {
		t.Errorf("the run's task definition is %s", definition)
	}
	s.Set["dagster:image"] = repository + ":1.0.1"
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	onlyCodeChanged(c, before)
	c.follow(c.launch("daily_assets_job"), runWithin, dagster.Success)
	s.Set["dagster:database.finalSnapshot"] = "true"
	moved := movedIntoAClusterThatIsThere(c)
	moved.follow(moved.launch("daily_assets_job"), runWithin, dagster.Success)
	rebuilt(moved)
}
