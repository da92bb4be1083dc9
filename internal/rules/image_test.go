package rules

import (
	"strings"
	"testing"
)

func TestImages(t *testing.T) {
	const letters = "; lower-case letters, digits and . _ - are allowed"
	digest := "sha256:" + strings.Repeat("0a", 32)
	long := "example.com/" + strings.Repeat("a/", 120) + "b:1.0"
	check(t, []answer{
		{Image("example.com:5000/team/asset-manager:1.0.0"), ""},
		{Image("Example.com/asset__manager:1"), ""},
		{Image("localhost/a:1"), ""},
		{Image("asset_manager@" + digest), ""},
		{Image("asset-manager:1@" + digest), ""},
		{Image("asset-manager:latest@" + digest), ""},
		{Image(""), "is required"},
		{Image("asset-manager"), `"asset-manager": has neither a tag nor a digest; one of them says which code runs`},
		{Image("example.com:5000/asset-manager"),
			`"example.com:5000/asset-manager": has neither a tag nor a digest; one of them says which code runs`},
		{Image("example.com/team/Asset-Manager:1.0.0"),
			`"example.com/team/Asset-Manager:1.0.0": the repository "Asset-Manager" has upper case` + letters},
		{Image("example.com/a+b:1"), `"example.com/a+b:1": the repository "a+b" has '+'` + letters},
		{Image("example.com/a..b:1"), `"example.com/a..b:1": the repository "a..b" has . _ - where a letter or a digit is needed`},
		{Image("example.com//a:1"),
			`"example.com//a:1": the repository has an empty part; a name stands before, between and after slashes`},
		{Image("https://example.com/a:1"), `"https://example.com/a:1": begins with https://; the name begins with the registry`},
		{Image("-a.example.com/a:1"), `"-a.example.com/a:1": the registry "-a.example.com" is not a host name with or without a port`},
		{Image("11112222333.dkr.ecr.us-west-1.amazonaws.com/a:1"), `"11112222333.dkr.ecr.us-west-1.amazonaws.com/a:1": the registry's account ` +
			`"11112222333": has 11 digits; 12 are allowed, in quotes, so that zeros in front stay`},
		{Image("111122223333.dkr.ecr.mx-central-2.amazonaws.com/a:1"), `"111122223333.dkr.ecr.mx-central-2.amazonaws.com/a:1": ` +
			`the registry's region "mx-central-2": is no region; mx-central-1 is allowed`},
		{Image("a:1 0"), `"a:1 0": the tag "1 0" has another form than tags have; up to 128 letters, digits and . _ - are allowed`},
		{Image("a:"), `"a:": the tag "" has another form than tags have; up to 128 letters, digits and . _ - are allowed`},
		{Image("a@sha256:0a"), `"a@sha256:0a": the digest "sha256:0a" has another form than digests have; sha256: and 64 hexadecimal digits are allowed`},
		{Image("a:latest"), `"a:latest": has the tag latest, with which a task started tomorrow runs other code; any other tag is allowed`},
		{Image(long), `"example.com/a/a/a/a/…": has 257 characters; ECS allows 255`},
	})
}

func TestAnImageOfECRIsTakenApart(t *testing.T) {
	for image, want := range map[string]ECRImage{
		"111122223333.dkr.ecr.us-west-1.amazonaws.com/team/a:1.0":        {"111122223333", "us-west-1", "team/a", "1.0", ""},
		"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a@sha256:0abc": {"111122223333", "cn-north-1", "a", "", "sha256:0abc"},
		"docker.io/library/a:1": {}, "1.dkr.ecr.us-west-1.amazonaws.com/a:1": {}, "a:1": {},
	} {
		if got, ok := OfECR(image); got != want || ok != (want != ECRImage{}) {
			t.Errorf("%s: got %+v, %t", image, got, ok)
		}
	}
}

func TestOnlyImagesInTheRegionsOwnRegistryNeedNoInternet(t *testing.T) {
	without := func(image string) error { return ImageWithoutInternet(image, "us-west-1") }
	check(t, []answer{
		{without("111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager:1.0.0"), ""},
		{without("A:1"), ""},
		{without("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1"), `"111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1": ` +
			"cannot be pulled without a way to the internet; images in ECR of us-west-1 can"},
		{without("ghcr.io/example/a:1"),
			`"ghcr.io/example/a:1": cannot be pulled without a way to the internet; images in ECR of us-west-1 can`},
	})
}
