package account

import (
	"slices"
	"testing"
)

func TestVariablesThatLeadPastTheSandboxAreLeftOutAndOthersStay(t *testing.T) {
	got := Without([]string{"PATH=/bin", "AWS_PROFILE=live", "AWS_ENDPOINT_URL_S3=https://s3.example.com", "AWS_PAGER=less",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_CA_BUNDLE=/ca.pem", "AWS_ROLE_ARN=arn"})
	if want := []string{"PATH=/bin", "AWS_PAGER=less", "AWS_CA_BUNDLE=/ca.pem"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
