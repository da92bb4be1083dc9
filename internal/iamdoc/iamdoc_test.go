package iamdoc_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/pulumitest"
)

var location = iamdoc.Scope{Partition: "aws", Region: "us-west-1", Account: "111122223333"}

// rendered gives the text of a document.
func rendered(t *testing.T, statements ...iamdoc.Statement) string {
	t.Helper()
	texts := make(chan string, 1)
	pulumitest.Record(t, func(*pulumi.Context) error {
		document, err := iamdoc.Render("test", statements...)
		if err != nil {
			return err
		}
		document.ApplyT(func(text string) string {
			texts <- text
			return text
		})
		return nil
	})
	return <-texts
}

func TestOutputsStandInTheDocumentAndActionsAreSorted(t *testing.T) {
	got := rendered(t, iamdoc.Statement{
		Sid:       "Read",
		Action:    []string{"s3:PutObject", "s3:GetObject"},
		Resource:  []any{pulumi.Sprintf("%s/*", pulumi.String("arn:aws:s3:::b")), "arn:aws:s3:::c/*"},
		Condition: iamdoc.Condition{"StringEquals": {"aws:SourceAccount": pulumi.String("111122223333").ToStringOutput()}},
	})
	want := `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],` +
		`"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c/*"],"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRenderingDoesNotChangeTheStatements(t *testing.T) {
	statement := iamdoc.Statement{Sid: "A", Action: []string{"s3:PutObject", "s3:GetObject"}, Resource: []any{"arn:aws:s3:::b/*"}}
	first, second := rendered(t, statement), rendered(t, statement)
	if first != second {
		t.Errorf("rendered twice: %s and %s", first, second)
	}
	if statement.Action[0] != "s3:PutObject" || statement.Effect != "" {
		t.Errorf("the caller's statement was changed: %+v", statement)
	}
}

func TestRefusals(t *testing.T) {
	good := iamdoc.Statement{Sid: "Good", Action: []string{"s3:GetObject"}, Resource: []any{"arn:aws:s3:::b/*"}}
	change := func(edit func(*iamdoc.Statement)) []iamdoc.Statement {
		statement := good
		edit(&statement)
		return []iamdoc.Statement{statement}
	}
	for name, test := range map[string]struct {
		statements []iamdoc.Statement
		want       string
	}{
		"nothing":         {nil, "no statement"},
		"no sid":          {change(func(s *iamdoc.Statement) { s.Sid = "" }), `sid ""`},
		"bad sid":         {change(func(s *iamdoc.Statement) { s.Sid = "with space" }), `sid "with space"`},
		"same sid":        {[]iamdoc.Statement{good, good}, `sid "Good" is there twice`},
		"no action":       {change(func(s *iamdoc.Statement) { s.Action = nil }), "no action"},
		"star":            {change(func(s *iamdoc.Statement) { s.Action = []string{"*"} }), `action "*"`},
		"everything":      {change(func(s *iamdoc.Statement) { s.Action = []string{"*:*"} }), `action "*:*"`},
		"a whole service": {change(func(s *iamdoc.Statement) { s.Action = []string{"s3:*"} }), `action "s3:*"`},
		"no resource":     {change(func(s *iamdoc.Statement) { s.Resource = nil }), "no resource"},
		"bad effect":      {change(func(s *iamdoc.Statement) { s.Effect = "allow" }), `effect "allow"`},
		"public":          {change(func(s *iamdoc.Statement) { s.Principal = iamdoc.Everyone() }), "allows everybody"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := iamdoc.Render("it", test.statements...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, err := iamdoc.Render("it", iamdoc.Statement{Action: []string{"*"}}, iamdoc.Statement{Sid: "B"})
	for _, want := range []string{`sid ""`, `action "*"`, "no resource", `"B": no action`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}

func TestWholeServiceMayBeDeniedAndDelegated(t *testing.T) {
	for _, statement := range []iamdoc.Statement{
		{Sid: "Tls", Effect: iamdoc.Deny, Principal: iamdoc.Everyone(), Action: []string{"s3:*"}, Resource: []any{"*"}},
		{Sid: "Root", Principal: location.Root(), Action: []string{"kms:*"}, Resource: []any{"*"}},
	} {
		if _, err := iamdoc.Render("it", statement); err != nil {
			t.Errorf("%s: %v", statement.Sid, err)
		}
	}
}

func TestArnsCarryThePartition(t *testing.T) {
	china := iamdoc.Scope{Partition: "aws-cn", Region: "cn-north-1", Account: "111122223333"}
	for got, want := range map[string]string{
		china.ARN("ecs", "cluster/c"):    "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/c",
		china.GlobalARN("iam", "root"):   "arn:aws-cn:iam::111122223333:root",
		china.BucketARN("b/p/*"):         "arn:aws-cn:s3:::b/p/*",
		china.ServiceHost("ssm"):         "ssm.cn-north-1.amazonaws.com.cn",
		location.ServiceHost("ssm"):      "ssm.us-west-1.amazonaws.com",
		location.ARN("ecs", "cluster/c"): "arn:aws:ecs:us-west-1:111122223333:cluster/c",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestScopeNamesEveryWrongPart(t *testing.T) {
	for want, scope := range map[string]iamdoc.Scope{
		"Partition: is required\nRegion: is required\nAccount: is required": {},
		`Account: "1234": has 4 digits; 12 are allowed, in quotes, so that zeros in front stay`: {
			Partition: "aws", Region: "us-west-1", Account: "1234",
		},
	} {
		if err := scope.Validate(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := location.Validate(); err != nil {
		t.Errorf("a whole scope is refused: %v", err)
	}
}
