package rules

import (
	"fmt"
	"regexp"
	"strings"
)

var certificateForm = regexp.MustCompile(`^certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Certificate refuses what is not the ARN of an ACM certificate of a region and account: a load balancer takes none from
// elsewhere (ELB user guide, certificates for Application Load Balancers; ACM API reference, CertificateDetail,
// CertificateArn). A region or account that is itself wrong is not compared.
func Certificate(arn, region, account string) error {
	const such = "; the ARN of an ACM certificate is arn:…:acm:region:account:certificate/id"
	if arn == "" {
		return errRequired
	}
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case parts[0] != "arn":
		return refuse(arn, "begins with something else than arn:"+such)
	case len(parts) < 6:
		return refuse(arn, fmt.Sprintf("has %d parts between colons instead of 6%s", len(parts), such))
	case parts[2] != "acm":
		return refuse(arn, fmt.Sprintf("is of the service %q%s", parts[2], such))
	case Region(region) == nil && parts[1] != Partition(region):
		return refuse(arn, fmt.Sprintf("is of partition %q; region %s lies in %s", parts[1], region, Partition(region)))
	case Region(region) == nil && parts[3] != region:
		return refuse(arn, fmt.Sprintf("is of region %q; the load balancer in %s takes certificates of its own region", parts[3], region))
	case Account(account) == nil && parts[4] != account:
		return refuse(arn, fmt.Sprintf("is of account %q; certificates of account %s are allowed", parts[4], account))
	case !certificateForm.MatchString(parts[5]):
		return refuse(arn, fmt.Sprintf("ends with %q%s", parts[5], such))
	}
	return nil
}
