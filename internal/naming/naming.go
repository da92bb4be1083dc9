// Package naming is the one scheme for physical names. Every name begins with the prefix of the settings; what is unique
// in an account or wider carries the stack as well. Names longer than AWS allows are cut with a hash of the whole, so
// that two long names never become one.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// Longest names AWS accepts, from the API references of the services.
const (
	// LoadBalancerLimit holds for load balancers and target groups (elasticloadbalancing CreateLoadBalancer, Name).
	LoadBalancerLimit = 32
	// BucketLimit holds for buckets (S3 user guide, general purpose bucket naming rules).
	BucketLimit = 63
	// DatabaseLimit holds for database instances, subnet and parameter groups (RDS CreateDBInstance).
	DatabaseLimit = 63
	// RoleLimit holds for roles (IAM CreateRole, RoleName).
	RoleLimit = 64
	// SecurityGroupLimit holds for security groups (EC2 CreateSecurityGroup, GroupName).
	SecurityGroupLimit = 255
	// FamilyLimit holds for task definition families and ECS services (ECS RegisterTaskDefinition, family).
	FamilyLimit = 255
)

// hashLength is how many hexadecimal digits tell cut names apart: 2^32 values.
const hashLength = 8

// Names makes the names of one stack.
type Names struct {
	prefix string
	stack  string
}

// part is what a prefix or stack may look like: the letters that every service accepts in names. 24 leaves room for the
// stack and a purpose within most limits.
var part = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// New returns the names of a stack. It refuses a prefix of more than 24 or a stack of more than 20 characters, and
// anything but lower-case letters, digits and single hyphens.
func New(prefix, stack string) (Names, error) {
	if !part.MatchString(prefix) || len(prefix) > 24 {
		return Names{}, fmt.Errorf("prefix %q: at most 24 lower-case letters, digits and single hyphens, a letter first", prefix)
	}
	if !part.MatchString(stack) || len(stack) > 20 {
		return Names{}, fmt.Errorf("stack %q: at most 20 lower-case letters, digits and single hyphens, a letter first", stack)
	}
	return Names{prefix: prefix, stack: stack}, nil
}

// Prefix is the prefix of the settings.
func (n Names) Prefix() string { return n.prefix }

// Stack is the name of the stack.
func (n Names) Stack() string { return n.stack }

// Base begins every name that is unique in the account: `<prefix>-<stack>`.
func (n Names) Base() string { return n.prefix + "-" + n.stack }

// Workload names what belongs to one workload inside the cluster: `<prefix>-<parts>`, such as asset-manager-web.
func (n Names) Workload(parts ...string) string {
	return Fit(join("-", n.prefix, parts), FamilyLimit)
}

// Scoped names what is unique in the account or wider: `<prefix>-<stack>-<parts>`, cut to limit.
func (n Names) Scoped(limit int, parts ...string) string {
	return Fit(join("-", n.Base(), parts), limit)
}

// LogGroup names a log group: `<prefix>/<parts>`, such as asset-manager/web.
func (n Names) LogGroup(parts ...string) string {
	return join("/", n.prefix, parts)
}

// ParameterPath is the path under which the stack's parameters stand, without a slash at its end: `/<prefix>/<stack>`.
func (n Names) ParameterPath() string {
	return "/" + n.prefix + "/" + n.stack
}

// Alias names a key by its purpose: `alias/<prefix>-<stack>-<purpose>`.
func (n Names) Alias(purpose string) string {
	return "alias/" + n.Base() + "-" + purpose
}

// Fit returns name where it is no longer than limit, otherwise its beginning and a hash of the whole, together exactly
// limit long, with one hyphen between them. A limit too small for any beginning gives the hash's beginning.
func Fit(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	digest := hex.EncodeToString(sum[:])
	keep := limit - hashLength - 1
	if keep < 1 {
		return digest[:max(limit, 0)]
	}
	head := name[:keep]
	if !strings.HasSuffix(head, "-") {
		head += "-"
	}
	return head + digest[:limit-len(head)]
}

// join puts first and parts together with the separator between.
func join(separator, first string, parts []string) string {
	return strings.Join(append([]string{first}, parts...), separator)
}
