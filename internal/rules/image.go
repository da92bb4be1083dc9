package rules

import (
	"fmt"
	"regexp"
	"strings"
)

// imageLimit is the longest name of an image that ECS takes (ECS API reference, ContainerDefinition, image).
const imageLimit = 255

var (
	componentForm = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`)
	registryForm  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:\d+)?$`)
	tagForm       = regexp.MustCompile(`^\w[\w.-]{0,127}$`)
	digestForm    = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// reference is an image's name in its parts; tag and digest are empty where there is none.
type reference struct {
	registry, repository, tag, digest string
	tagged, digested                  bool
}

// split takes an image's name apart (distribution specification, reference grammar). The first part is a registry when it
// has a dot or a port or is localhost.
func split(image string) reference {
	var r reference
	r.repository, r.digest, r.digested = strings.Cut(image, "@")
	slash := strings.LastIndex(r.repository, "/")
	if colon := strings.LastIndex(r.repository, ":"); colon > slash {
		r.repository, r.tag, r.tagged = r.repository[:colon], r.repository[colon+1:], true
	}
	if first, rest, more := strings.Cut(r.repository, "/"); more && (strings.ContainsAny(first, ".:") || first == "localhost") {
		r.registry, r.repository = first, rest
	}
	return r
}

// Image refuses what is not the name of an image with a tag other than latest or a digest, up to 255 characters
// (distribution specification, reference grammar; ECS API reference, ContainerDefinition, image). Latest is refused since
// a task started tomorrow would run other code than one of today.
func Image(image string) error {
	if image == "" {
		return errRequired
	}
	if scheme, _, found := strings.Cut(image, "://"); found {
		return refuse(image, fmt.Sprintf("begins with %s://; the name begins with the registry", scheme))
	}
	if len(image) > imageLimit {
		return refuse(image[:20]+"…", fmt.Sprintf("has %d characters; ECS allows %d", len(image), imageLimit))
	}
	r := split(image)
	switch {
	case r.registry != "" && !registryForm.MatchString(r.registry):
		return refuse(image, fmt.Sprintf("the registry %q is not a host name with or without a port", r.registry))
	case registryProblem(r.registry) != "":
		return refuse(image, registryProblem(r.registry))
	case repositoryProblem(r.repository) != "":
		return refuse(image, repositoryProblem(r.repository))
	case r.tagged && !tagForm.MatchString(r.tag):
		return refuse(image, fmt.Sprintf("the tag %q has another form than tags have; up to 128 letters, digits and . _ - are allowed", r.tag))
	case r.digested && !digestForm.MatchString(r.digest):
		return refuse(image, fmt.Sprintf("the digest %q has another form than digests have; sha256: and 64 hexadecimal digits are allowed", r.digest))
	case !r.tagged && !r.digested:
		return refuse(image, "has neither a tag nor a digest; one of them says which code runs")
	case r.tag == "latest" && !r.digested:
		return refuse(image, "has the tag latest, with which a task started tomorrow runs other code; any other tag is allowed")
	}
	return nil
}

// ecrForm is a host that should be a private registry of ECR: its groups are the account and the region (ECR user guide,
// private registry).
var ecrForm = regexp.MustCompile(`^([^.]*)\.dkr\.ecr(?:-fips)?\.([^.]*)\.amazonaws\.com(?:\.cn)?$`)

// registryProblem says what is wrong with a registry of ECR; empty for others.
func registryProblem(registry string) string {
	found := ecrForm.FindStringSubmatch(registry)
	if found == nil {
		return ""
	}
	if err := Account(found[1]); err != nil {
		return fmt.Sprintf("the registry's account %v", err)
	}
	if err := Region(found[2]); err != nil {
		return fmt.Sprintf("the registry's region %v", err)
	}
	return ""
}

// ECRImage is an image of a private registry of ECR, with a tag, a digest or both.
type ECRImage struct{ Account, Region, Repository, Tag, Digest string }

// OfECR takes the name of an image apart, false where another registry has it.
func OfECR(image string) (ECRImage, bool) {
	r := split(image)
	found := ecrForm.FindStringSubmatch(r.registry)
	if found == nil || registryProblem(r.registry) != "" {
		return ECRImage{}, false
	}
	return ECRImage{Account: found[1], Region: found[2], Repository: r.repository, Tag: r.tag, Digest: r.digest}, true
}

// repositoryProblem says which part of a repository's path is wrong; empty when none is.
func repositoryProblem(repository string) string {
	const allowed = "; lower-case letters, digits and . _ - are allowed"
	for _, part := range strings.Split(repository, "/") {
		if part == "" {
			return "the repository has an empty part; a name stands before, between and after slashes"
		}
		if found := stray(part, or(isLowerOrDigit, "._-")); found != "" {
			return fmt.Sprintf("the repository %q %s%s", part, found, allowed)
		}
		if !componentForm.MatchString(part) {
			return fmt.Sprintf("the repository %q has . _ - where a letter or a digit is needed", part)
		}
	}
	return ""
}

// RepositoryName refuses what cannot name a repository: 2 to 256 lower-case letters, digits and . _ -, with slashes between parts
// (ECR CreateRepository, repositoryName).
func RepositoryName(name string) error {
	if wrong := length(name, 2, 256); wrong != "" {
		return refuse(name, wrong)
	}
	return refuse(name, repositoryProblem(name))
}

// ImageWithoutInternet refuses an image that cannot be pulled through the interface endpoints of a region, which lead to
// the private registries of that region only (ECR user guide, interface VPC endpoints). What Image refuses is not judged.
func ImageWithoutInternet(image, region string) error {
	if Image(image) != nil {
		return nil
	}
	if found := ecrForm.FindStringSubmatch(split(image).registry); found == nil || found[2] != region {
		return refuse(image, fmt.Sprintf("cannot be pulled without a way to the internet; images in ECR of %s can", region))
	}
	return nil
}
