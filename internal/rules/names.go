package rules

import (
	"fmt"
	"slices"
	"strings"
)

// The longest names that this program makes others from; AWS alone would take longer ones.
const (
	// PrefixLimit is the longest prefix: with the stack and a purpose it fits the 64 characters of a role.
	PrefixLimit = 20
	// StackLimit is the longest name of a stack.
	StackLimit = 20
	// BucketNameLimit leaves room for "-replica" within the 63 characters that S3 allows.
	BucketNameLimit = 55
	// DatabaseIdentifierLimit leaves room for purposes within the 63 characters that RDS allows.
	DatabaseIdentifierLimit = 40
)

// Prefix refuses what cannot begin every name: 2 to PrefixLimit lower-case letters, digits and single hyphens, a letter
// first, and none of the beginnings that a service keeps for itself.
func Prefix(prefix string) error {
	if err := hyphened(prefix, 2, PrefixLimit); err != nil {
		return err
	}
	for _, each := range []struct{ beginning, keeper string }{
		{"aws", "Systems Manager keeps for itself"},         // PutParameter, Name
		{"ssm", "Systems Manager keeps for itself"},         // PutParameter, Name
		{"sthree-", "S3 keeps for itself"},                  // user guide, general purpose bucket naming rules
		{"amzn-s3-demo-", "S3 keeps for itself"},            // likewise
		{"sg-", "EC2 keeps for itself"},                     // CreateSecurityGroup, GroupName
		{"internal-", "load balancers keep for themselves"}, // ELBv2 CreateLoadBalancer, Name
	} {
		if strings.HasPrefix(prefix+"-", each.beginning) {
			return refuse(prefix, fmt.Sprintf("begins with %s, which %s; another beginning is allowed",
				strings.TrimSuffix(each.beginning, "-"), each.keeper))
		}
	}
	return nil
}

// Stack refuses a stack's name that cannot stand in names: up to StackLimit lower-case letters, digits and single hyphens,
// a letter first.
func Stack(stack string) error {
	return hyphened(stack, 1, StackLimit)
}

// NamePrefix refuses what cannot begin the physical names of a component, such as asset-manager-dev: a prefix and a stack.
func NamePrefix(prefix string) error {
	return hyphened(prefix, 2, PrefixLimit+1+StackLimit)
}

// WorkloadKind refuses what cannot be a workload's short name, such as web: up to 20 lower-case letters, digits and single
// hyphens, a letter first, since it stands in names of roles and load balancers.
func WorkloadKind(kind string) error {
	return hyphened(kind, 1, 20)
}

// ClusterName refuses what ECS does: 1 to 255 letters, digits, hyphens and underscores (ECS CreateCluster, clusterName).
func ClusterName(name string) error {
	return plain(name, 255, or(isLetterOrDigit, "-_"), "letters, digits, hyphens and underscores are allowed")
}

// PolicyName refuses what IAM does not take as the name of a policy, which may stand below a path: 1 to 128 letters, digits
// and +=,.@-_, with slashes between them (IAM CreatePolicy, PolicyName and Path).
func PolicyName(name string) error {
	if strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") || strings.Contains(name, "//") {
		return refuse(name, "begins or ends with a slash, or has two together; single ones between names are allowed")
	}
	return plain(name, 128, or(isLetterOrDigit, "+=,.@-_/"), "letters, digits, slashes and +=,.@-_ are allowed")
}

// ContainerName refuses what ECS does: 1 to 255 letters, digits, hyphens and underscores (ECS ContainerDefinition, name).
func ContainerName(name string) error {
	return ClusterName(name)
}

func isLetterOrDigit(r rune) bool { return isLetter(r) || isDigit(r) }

// BucketName refuses what S3 does (S3 user guide, general purpose bucket naming rules), dots, with which TLS certificates
// do not match, and names of more than BucketNameLimit characters.
func BucketName(name string) error {
	const allowed = "lower-case letters, digits and hyphens are allowed"
	if name == "" {
		return errRequired
	}
	wrong := length(name, 3, BucketNameLimit)
	if found := stray(name, or(isLowerOrDigit, "-")); found != "" {
		wrong = found + "; " + allowed
	} else if strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
		wrong = "begins or ends with a hyphen; a letter or a digit is allowed there"
	}
	for _, beginning := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, beginning) {
			wrong = fmt.Sprintf("begins with %s, which S3 keeps for itself; another beginning is allowed", beginning)
		}
	}
	for _, end := range []string{"-s3alias", "--ol-s3", "--x-s3", "--table-s3", "-an"} {
		if strings.HasSuffix(name, end) {
			wrong = fmt.Sprintf("ends with %s, which S3 keeps for itself; another end is allowed", end)
		}
	}
	return refuse(name, wrong)
}

// ObjectPrefix refuses what cannot be the common beginning of objects' keys, such as dagster/io/.
func ObjectPrefix(prefix string) error {
	if prefix == "" {
		return errRequired
	}
	if strings.HasPrefix(prefix, "/") {
		return refuse(prefix, "begins with a slash; keys such as dagster/io/ begin without")
	}
	return nil
}

// ParameterPath refuses what cannot be the path or the name of a parameter, such as /asset-manager/dev: parts of letters,
// digits, dots, hyphens and underscores, a slash before each, up to 15 parts, none of them of AWS's own (Systems Manager
// PutParameter, Name).
func ParameterPath(path string) error {
	const allowed = "letters, digits and . _ - are allowed between slashes"
	if path == "" {
		return errRequired
	}
	if found := stray(path, or(isLetterOrDigit, "/._-")); found != "" {
		return refuse(path, found+"; "+allowed)
	}
	if !strings.HasPrefix(path, "/") {
		return refuse(path, "begins without a slash; a path is such as /asset-manager/dev")
	}
	parts := strings.Split(path[1:], "/")
	first := strings.ToLower(parts[0])
	switch {
	case slices.Contains(parts, ""):
		return refuse(path, "has a slash at its end or two in a row; a path is such as /asset-manager/dev")
	case len(parts) > 15:
		return refuse(path, fmt.Sprintf("has %d parts; 15 are allowed", len(parts)))
	case strings.HasPrefix(first, "aws") || strings.HasPrefix(first, "ssm"):
		return refuse(path, "begins with aws or ssm, which Systems Manager keeps for itself; another beginning is allowed")
	}
	return nil
}
