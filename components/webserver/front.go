package webserver

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/securebucket"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/components/naming"
)

const (
	httpPort  = 80
	httpsPort = 443
	// tlsPolicy is on Security Hub's list for ELB.17, unlike the better known one without Res.
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
)

func (b *builder) name() string {
	return b.args.Spec.Platform.Names.Scoped(naming.LoadBalancerLimit, Kind)
}

// ports are what the load balancer listens on, the one that serves first.
func (b *builder) ports() []int {
	if b.args.Front.CertificateArn == "" {
		return []int{httpPort}
	}
	return []int{httpsPort, httpPort}
}

// balancerGroup lets the allowed ranges in. Its way out, to the tasks only, is made with the service.
func (b *builder) balancerGroup() error {
	var allowed []traffic.Peer
	for _, port := range b.ports() {
		for _, cidr := range b.args.Front.AllowedCidrs {
			allowed = append(allowed, traffic.Peer{
				Name: fmt.Sprintf("%s-%d", cidr, port), Reason: "Allowed range to the UI", Port: port, Cidr: cidr,
			})
		}
	}
	for _, zone := range slices.Sorted(maps.Keys(b.args.Front.NatAddresses)) {
		allowed = append(allowed, traffic.Peer{
			Name: "nat-" + zone, Reason: "The monitor by the NAT gateway of " + zone, Port: b.ports()[0], Address: b.args.Front.NatAddresses[zone],
		})
	}
	if way := b.args.Front.Gateway; way != nil {
		allowed = append(allowed, traffic.Peer{
			Name: "gateway", Reason: "The way in for people", Port: b.ports()[0], Group: way, Both: true,
		})
	}
	platform := b.args.Spec.Platform
	group, err := traffic.New(b.Scope, traffic.Args{
		Suffix:      "balancer",
		Name:        platform.Names.Scoped(naming.SecurityGroupLimit, Kind, "balancer"),
		Description: "Load balancer of " + platform.Names.Workload(Kind),
		VpcID:       platform.VpcID,
		ReachedBy:   allowed,
	})
	if err != nil {
		return err
	}
	b.SecurityGroupID = group.ID
	return nil
}

func (b *builder) loadBalancer() error {
	front := b.args.Front
	balancer, err := lb.NewLoadBalancer(b.Ctx, b.Child("balancer"), &lb.LoadBalancerArgs{
		Name:                     pulumi.String(b.name()),
		LoadBalancerType:         pulumi.String("application"),
		Internal:                 pulumi.Bool(front.Access == AccessInternal),
		Subnets:                  front.Subnets,
		SecurityGroups:           pulumi.StringArray{b.SecurityGroupID},
		IdleTimeout:              pulumi.Int(front.IdleSeconds),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("defensive"),
		EnableDeletionProtection: pulumi.Bool(front.Protect),
		AccessLogs: &lb.LoadBalancerAccessLogsArgs{
			Bucket: front.AccessLogs.ToStringOutput(), Prefix: pulumi.String(securebucket.BalancerPrefix), Enabled: pulumi.Bool(true),
		},
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create load balancer %s: %w", b.name(), err)
	}
	b.balancer = balancer
	scheme := "http"
	if front.CertificateArn != "" {
		scheme = "https"
	}
	b.DNSName, b.BalancerName = balancer.DnsName, balancer.ArnSuffix
	b.URL = pulumi.Sprintf("%s://%s", scheme, balancer.DnsName)
	if front.Hostname != "" {
		b.URL = pulumi.Sprintf("%s://%s", scheme, front.Hostname)
	}
	return nil
}

func (b *builder) targetGroup() error {
	targets, err := lb.NewTargetGroup(b.Ctx, b.Child("targets"), &lb.TargetGroupArgs{
		Name:       pulumi.String(b.name()),
		VpcId:      b.args.Spec.Platform.VpcID.ToStringOutput().ToStringPtrOutput(),
		TargetType: pulumi.String("ip"),
		Protocol:   pulumi.String("HTTP"),
		Port:       pulumi.Int(port),
		// Requests under way when a target leaves: the UI's are short, its websockets reconnect.
		DeregistrationDelay: pulumi.Int(30),
		HealthCheck: &lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Path:               pulumi.String(healthPath),
			Port:               pulumi.String("traffic-port"),
			Matcher:            pulumi.String("200"),
			Interval:           pulumi.Int(15),
			Timeout:            pulumi.Int(10),
			HealthyThreshold:   pulumi.Int(2),
			UnhealthyThreshold: pulumi.Int(4),
		},
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create target group %s: %w", b.name(), err)
	}
	b.targets, b.TargetsName = targets, targets.ArnSuffix
	return nil
}

// listeners serve HTTPS and redirect to it, or serve HTTP where there is no certificate.
func (b *builder) listeners() error {
	forward := lb.ListenerDefaultActionArray{&lb.ListenerDefaultActionArgs{
		Type: pulumi.String("forward"), TargetGroupArn: b.targets.Arn,
	}}
	certificate := b.args.Front.CertificateArn
	if certificate == "" {
		return b.listen("http", &lb.ListenerArgs{
			Port: pulumi.Int(httpPort), Protocol: pulumi.String("HTTP"), DefaultActions: forward,
		}, true)
	}
	if err := b.listen("https", &lb.ListenerArgs{
		Port:           pulumi.Int(httpsPort),
		Protocol:       pulumi.String("HTTPS"),
		SslPolicy:      pulumi.String(tlsPolicy),
		CertificateArn: pulumi.String(certificate),
		DefaultActions: forward,
	}, true); err != nil {
		return err
	}
	return b.listen("http", &lb.ListenerArgs{
		Port:     pulumi.Int(httpPort),
		Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{&lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: &lb.ListenerDefaultActionRedirectArgs{
				Protocol: pulumi.String("HTTPS"), Port: pulumi.String(fmt.Sprint(httpsPort)), StatusCode: pulumi.String("HTTP_301"),
			},
		}},
	}, false)
}

// listen makes a listener; the one that serves is what the service waits for.
func (b *builder) listen(suffix string, args *lb.ListenerArgs, serves bool) error {
	args.LoadBalancerArn = b.balancer.Arn
	listener, err := lb.NewListener(b.Ctx, b.Child(suffix), args, b.Options()...)
	if err != nil {
		return fmt.Errorf("create listener %s: %w", suffix, err)
	}
	if serves {
		b.listener = listener
	}
	return nil
}
