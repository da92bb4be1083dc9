package pipeline

import (
	"fmt"
	"strings"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/problems"
)

// Host is where the pipeline runs.
type Host string

// The hosts whose tokens are known.
const (
	GitHub Host = "github"
	GitLab Host = "gitlab"
)

// Allowed are the hosts.
func (Host) Allowed() []string { return []string{string(GitHub), string(GitLab)} }

// The main branch deploys.
const mainBranch = "main"

// issuer is who signs the tokens, without https://.
func (h Host) issuer() string {
	if h == GitLab {
		return "gitlab.com"
	}
	return "token.actions.githubusercontent.com"
}

// audience is what a token for AWS is for, as the workflows ask for it.
func (h Host) audience() string {
	if h == GitLab {
		return "https://gitlab.com"
	}
	return "sts.amazonaws.com"
}

// Repository is a repository of a host.
type Repository struct {
	// Host is where its pipeline runs; required.
	Host Host
	// Path is its name there, such as my-company/dagster; required.
	Path string
}

// Validate joins every problem.
func (r Repository) Validate() error {
	var list problems.List
	list.OneOf("Host", string(r.Host), r.Host.Allowed()...)
	parts := strings.Split(r.Path, "/")
	whole := len(parts) == 2 || r.Host == GitLab && len(parts) > 2
	for _, part := range parts {
		whole = whole && part != "" && !strings.ContainsAny(part, "*? :")
	}
	list.Check(whole, "Path", "%q: owner and name with a slash between are allowed", r.Path)
	return list.Err()
}

// The subjects of tokens, as GitHub writes them
// (https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims) and GitLab
// (https://docs.gitlab.com/ci/cloud_services/#configure-a-conditional-role-with-oidc-claims).

// mainSubject is that of a job on the main branch.
func (r Repository) mainSubject() string {
	if r.Host == GitLab {
		return fmt.Sprintf("project_path:%s:ref_type:branch:ref:%s", r.Path, mainBranch)
	}
	return fmt.Sprintf("repo:%s:ref:refs/heads/%s", r.Path, mainBranch)
}

// PreviewSubjects are those of jobs that look: of a change that is proposed, and on the main branch.
func (r Repository) PreviewSubjects() []string {
	if r.Host == GitLab {
		return []string{fmt.Sprintf("project_path:%s:ref_type:branch:ref:*", r.Path)}
	}
	return []string{fmt.Sprintf("repo:%s:pull_request", r.Path), r.mainSubject()}
}

// DeploySubject is that of the jobs that deploy a stack: those of GitHub's environment of its name, on GitLab, whose tokens
// do not name the environment, those of the main branch.
func (r Repository) DeploySubject(stack string) string {
	if r.Host == GitLab {
		return r.mainSubject()
	}
	return fmt.Sprintf("repo:%s:environment:%s", r.Path, stack)
}

// Trust lets the jobs with one of the subjects take a role.
func (r Repository) Trust(location component.Location, subjects ...string) iamdoc.Statement {
	issuer := r.Host.issuer()
	operator := "StringEquals"
	if strings.Contains(strings.Join(subjects, ""), "*") {
		operator = "StringLike"
	}
	condition := iamdoc.Condition{"StringEquals": {issuer + ":aud": r.Host.audience()}}
	if condition[operator] == nil {
		condition[operator] = map[string]any{}
	}
	condition[operator][issuer+":sub"] = subjects
	return iamdoc.Statement{
		Sid: "TakenByPipeline", Action: []string{"sts:AssumeRoleWithWebIdentity"},
		Principal: iamdoc.Principal{"Federated": {location.GlobalARN("iam", "oidc-provider/"+issuer)}},
		Condition: condition,
	}
}
