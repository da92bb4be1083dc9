package webserver_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/webserver"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/pulumitest"
)

const (
	balancer    = "aws:lb/loadBalancer:LoadBalancer"
	targetGroup = "aws:lb/targetGroup:TargetGroup"
	listener    = "aws:lb/listener:Listener"
	scaling     = "aws:appautoscaling/target:Target"
	certificate = "arn:aws:acm:us-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
)

func args(t *testing.T) *webserver.Args {
	return &webserver.Args{
		Spec:    workloadtest.Spec(t, "web"),
		Scaling: webserver.Scaling{Min: 1, Max: 2},
		Front: webserver.Front{
			Subnets:      pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}),
			Access:       webserver.AccessInternal,
			AllowedCidrs: []string{"10.0.0.0/16"},
			IdleSeconds:  300,
			AccessLogs:   pulumi.String("data-logs"),
		},
		Files:  workloadtest.Files(),
		Bucket: workloadtest.Bucket(),
		Runs:   []grants.Runs{workloadtest.Runs()},
	}
}

func record(t *testing.T, args *webserver.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, webserver.New, "webserver", args, options...)
	return recorder
}

func TestWebserverStopsRunsOfItsClusterOnly(t *testing.T) {
	workloadtest.StopsRunsOnly(t, awstest.PolicyOf(t, record(t, args(t)), "webserver-task"))
}

func TestWebserverSeesNoArtifacts(t *testing.T) {
	for _, statement := range awstest.PolicyOf(t, record(t, args(t)), "webserver-task").Statement {
		for _, resource := range statement.Resource {
			if strings.Contains(resource, "dagster/io") {
				t.Errorf("%s reaches %s", statement.Sid, resource)
			}
		}
	}
}

func TestExecutionRoleReadsItsOwnParametersOnly(t *testing.T) {
	policy := awstest.PolicyOf(t, record(t, args(t)), "webserver-execution")
	want := []string{
		workloadtest.Parameter("/asset-manager/dev", "DAGSTER_PG_PASSWORD"),
		workloadtest.Parameter("/asset-manager/dev", "DAGSTER_PG_USER"),
	}
	if got := policy.Of(t, "ssm:GetParameters").Resource; !slices.Equal(got, want) {
		t.Errorf("readable are %v", got)
	}
	decrypt := policy.Of(t, "kms:Decrypt")
	if decrypt.Condition["StringEquals"]["kms:ViaService"] != "ssm.us-west-1.amazonaws.com" {
		t.Errorf("the key is usable with %v", decrypt.Condition)
	}
	pull := policy.Of(t, "ecr:BatchGetImage").Resource
	if !slices.Equal(pull, []string{"arn:aws:ecr:us-west-1:111122223333:repository/asset-manager"}) {
		t.Errorf("images can be pulled from %v", pull)
	}
}

func TestTargetsAreAskedForServerInfo(t *testing.T) {
	check, _ := record(t, args(t)).One(t, targetGroup, "webserver-targets").Input("healthCheck").(map[string]any)
	if check["path"] != "/server_info" || check["matcher"] != "200" {
		t.Errorf("the health check is %v", check)
	}
}

func TestTheContainerIsAskedForTheContentOfAnAnswer(t *testing.T) {
	check := awstest.ContainersOf(t, record(t, args(t)), "webserver-definition")["asset-manager-web"].Check
	if check == nil || len(check.Command) != 5 || !strings.Contains(check.Command[3], "{ version }") || check.Command[4] != "3000" {
		t.Errorf("the container's health check is %+v", check)
	}
}

func TestInternalHttpWithoutCertificate(t *testing.T) {
	recorder := record(t, args(t))
	if got := recorder.Names(listener); !slices.Equal(got, []string{"webserver-http"}) {
		t.Errorf("listeners are %v", got)
	}
	made := recorder.One(t, balancer, "webserver-balancer")
	for key, want := range map[string]any{
		"internal": true, "dropInvalidHeaderFields": true, "idleTimeout": 300.0, "desyncMitigationMode": "defensive",
		"enableDeletionProtection": false,
	} {
		if got := made.Input(key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	if got := fmt.Sprint(made.Input("accessLogs")); got != "map[bucket:data-logs enabled:true prefix:balancer]" {
		t.Errorf("requests are recorded in %s", got)
	}
}

func TestCertificateServesHttpsAndRedirects(t *testing.T) {
	with := args(t)
	with.Front.CertificateArn, with.Front.Protect = certificate, true
	recorder := record(t, with)
	https := recorder.One(t, listener, "webserver-https")
	if https.Input("certificateArn") != certificate || https.Input("sslPolicy") != "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" {
		t.Errorf("https is %v", https.Inputs)
	}
	actions, _ := recorder.One(t, listener, "webserver-http").Input("defaultActions").([]any)
	if action, _ := actions[0].(map[string]any); len(actions) != 1 || action["type"] != "redirect" {
		t.Errorf("http does %v", actions)
	}
	if recorder.One(t, balancer, "webserver-balancer").Input("enableDeletionProtection") != true {
		t.Error("the load balancer can be deleted")
	}
}

func TestUrlHasTheNameThatTheCertificateIsFor(t *testing.T) {
	for hostname, want := range map[string]string{
		"": "https://webserver-balancer.elb.example.com", "dagster.example.com": "https://dagster.example.com",
	} {
		with := args(t)
		with.Front.Hostname, with.Front.CertificateArn = hostname, certificate
		_, made := pulumitest.Build(t, webserver.New, "webserver", with)
		url, err := internals.UnsafeAwaitOutput(t.Context(), made.URL)
		if err != nil || url.Value != want {
			t.Errorf("with the host name %q the UI is at %v, want %s: %v", hostname, url.Value, want, err)
		}
	}
}

func TestWebserverKeepsSilentConnectionsLongerThanTheBalancer(t *testing.T) {
	with := args(t)
	with.Front.IdleSeconds = 400
	recorder := record(t, with)
	command := awstest.ContainersOf(t, recorder, "webserver-definition")["asset-manager-web"].Command
	kept, err := strconv.Atoi(command[3])
	if idle := recorder.One(t, balancer, "webserver-balancer").Input("idleTimeout"); err != nil || float64(kept) <= idle.(float64) {
		t.Errorf("the balancer keeps them %v seconds, the webserver is started with %v", idle, command[3:])
	}
}

func TestServiceWaitsForItsListener(t *testing.T) {
	made := record(t, args(t)).One(t, awstest.Service, "webserver-service")
	if !slices.Contains(made.Dependencies, "webserver-http") {
		t.Errorf("the service waits for %v", made.Dependencies)
	}
}

func TestAutoscalingOwnsTheNumberOfInstances(t *testing.T) {
	recorder := record(t, args(t))
	target := recorder.One(t, scaling, "webserver-capacity")
	if target.Input("minCapacity") != 1.0 || target.Input("maxCapacity") != 2.0 ||
		target.Input("resourceId") != "service/fulcrum-cluster/asset-manager-web" {
		t.Errorf("scaled is %v", target.Inputs)
	}
	if got := recorder.One(t, awstest.Service, "webserver-service").IgnoreChanges; !slices.Equal(got, []string{"desiredCount"}) {
		t.Errorf("changes of %v are ignored", got)
	}
}

func TestFixedNumberIsNotScaled(t *testing.T) {
	fixed := args(t)
	fixed.Scaling.Max = 1
	recorder := record(t, fixed)
	if got := recorder.Names(scaling); len(got) != 0 {
		t.Errorf("scaled are %v", got)
	}
	if got := recorder.One(t, awstest.Service, "webserver-service").IgnoreChanges; len(got) != 0 {
		t.Errorf("changes of %v are ignored", got)
	}
}

func TestOnlyTheLoadBalancerReachesTheTasks(t *testing.T) {
	recorder := record(t, args(t))
	rules := recorder.Of(awstest.IngressRule)
	group := recorder.One(t, awstest.SecurityGroup, "webserver-tasks-group")
	for _, rule := range rules {
		if rule.Input("securityGroupId") == group.Name+"-id" && rule.Input("referencedSecurityGroupId") != "webserver-balancer-group-id" {
			t.Errorf("%s lets others in: %v", rule.Name, rule.Inputs)
		}
	}
	out := recorder.One(t, awstest.EgressRule, "webserver-tasks-out-of-balancer")
	if out.Input("securityGroupId") != "webserver-balancer-group-id" || out.Input("referencedSecurityGroupId") != group.Name+"-id" {
		t.Errorf("the balancer reaches %v", out.Inputs)
	}
	if got := recorder.Names(awstest.EgressRule); len(got) != 1 {
		t.Errorf("egress rules are %v", got)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, webserver.New, args, map[string]func(*webserver.Args){
		"Scaling.Min: 0":                                    func(a *webserver.Args) { a.Scaling.Min = 0 },
		"Scaling.Max: 1":                                    func(a *webserver.Args) { a.Scaling.Min, a.Scaling.Max = 2, 1 },
		"Front.IdleSeconds: 60":                             func(a *webserver.Args) { a.Front.IdleSeconds = 60 },
		"Front.Hostname: \"10.0.0.1\"":                      func(a *webserver.Args) { a.Front.Hostname = "10.0.0.1" },
		"Front.AllowedCidrs: is required without a Gateway": func(a *webserver.Args) { a.Front.AllowedCidrs = nil },
		`Front.AllowedCidrs[0]: "fd00::/8"`:                 func(a *webserver.Args) { a.Front.AllowedCidrs = []string{"fd00::/8"} },
		`is of region "us-east-1"; the load balancer in us-west-1 takes certificates of its own region`: func(a *webserver.Args) {
			a.Front.CertificateArn = strings.Replace(certificate, "us-west-1", "us-east-1", 1)
		},
		"Front.CertificateArn: is required": func(a *webserver.Args) { a.Front.Access = webserver.AccessInternetFacing },
		"Front.Access: is required":         func(a *webserver.Args) { a.Front.Access = "" },
		`Front.AllowedCidrs[0]: "0.0.0.0/1"`: func(a *webserver.Args) {
			a.Front.Access, a.Front.CertificateArn = webserver.AccessInternetFacing, certificate
			a.Front.AllowedCidrs = []string{"0.0.0.0/1", "128.0.0.0/1"}
		},
	})
}
