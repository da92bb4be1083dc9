package rules

import "dagster-ecs/internal/problems"

// Choice is a text of which only some values are known.
type Choice interface {
	// Allowed are the known values, in the order in which they are told.
	Allowed() []string
}

// Known refuses a value that its type does not know.
func Known[T interface {
	~string
	Choice
}](value T) error {
	return problems.OneOf(string(value), value.Allowed()...)
}

// NatMode is how private subnets reach the internet.
type NatMode string

// The ways out of the private subnets.
const (
	// NatNone gives no way out: AWS is reached by interface endpoints and nothing else is.
	NatNone NatMode = "none"
	// NatSingle shares one gateway; the failure of its zone cuts all off.
	NatSingle NatMode = "single"
	// NatPerZone has a gateway in each zone.
	NatPerZone NatMode = "per-zone"
)

// Allowed are the ways out of the private subnets.
func (NatMode) Allowed() []string {
	return []string{string(NatNone), string(NatSingle), string(NatPerZone)}
}

// ConnectionMode is how pulumi up reaches the database.
type ConnectionMode string

// The ways to the database.
const (
	// ConnectionGateway leads through a task that is started for it.
	ConnectionGateway ConnectionMode = "gateway"
	// ConnectionDirect takes the network as it is.
	ConnectionDirect ConnectionMode = "direct"
)

// Allowed are the ways to the database.
func (ConnectionMode) Allowed() []string {
	return []string{string(ConnectionGateway), string(ConnectionDirect)}
}

// InsightsMode is a mode of CloudWatch Container Insights (ECS API reference, ClusterSetting).
type InsightsMode string

// The modes of Container Insights.
const (
	// InsightsDisabled collects nothing.
	InsightsDisabled InsightsMode = "disabled"
	// InsightsEnabled collects metrics per service.
	InsightsEnabled InsightsMode = "enabled"
	// InsightsEnhanced collects metrics per task and container.
	InsightsEnhanced InsightsMode = "enhanced"
)

// Allowed are the modes of Container Insights.
func (InsightsMode) Allowed() []string {
	return []string{string(InsightsDisabled), string(InsightsEnabled), string(InsightsEnhanced)}
}

// AccessMode is who can reach the UI (the schemes of ELBv2 CreateLoadBalancer).
type AccessMode string

// The ways to reach the UI.
const (
	// AccessInternal is from inside the network only.
	AccessInternal AccessMode = "internal"
	// AccessInternetFacing is from the internet, limited to an allow-list.
	AccessInternetFacing AccessMode = "internet-facing"
)

// Allowed are the ways to reach the UI.
func (AccessMode) Allowed() []string {
	return []string{string(AccessInternal), string(AccessInternetFacing)}
}

// PostgresVersion is a major version of PostgreSQL. RDS offers more; these are the ones that this program is tested with.
type PostgresVersion string

// The major versions of PostgreSQL.
const (
	// Postgres16 is PostgreSQL 16.
	Postgres16 PostgresVersion = "16"
	// Postgres17 is PostgreSQL 17.
	Postgres17 PostgresVersion = "17"
)

// Allowed are the major versions of PostgreSQL.
func (PostgresVersion) Allowed() []string {
	return []string{string(Postgres16), string(Postgres17)}
}

// TrailMode is whose trail of CloudTrail records what is done.
type TrailMode string

// The trails.
const (
	// TrailStack is one of the stack's own.
	TrailStack TrailMode = "stack"
	// trailOrganization is that of the organization or the account, which others made.
	trailOrganization TrailMode = "organization"
	// TrailNone is none.
	TrailNone TrailMode = "none"
)

// Allowed are the trails.
func (TrailMode) Allowed() []string {
	return []string{string(TrailStack), string(trailOrganization), string(TrailNone)}
}

// Architecture is a kind of machine that Lambda runs functions on (Lambda CreateFunction, Architectures).
type Architecture string

// The architectures of functions.
const (
	// Arm64 is AWS's own, a fifth cheaper.
	Arm64 Architecture = "arm64"
	// X86 is Intel's and AMD's.
	X86 Architecture = "x86_64"
)

// Allowed are the architectures of functions.
func (Architecture) Allowed() []string {
	return []string{string(Arm64), string(X86)}
}

// Go is how Go names the architecture.
func (a Architecture) Go() string {
	if a == X86 {
		return "amd64"
	}
	return string(a)
}
