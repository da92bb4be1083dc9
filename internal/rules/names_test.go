package rules

import (
	"strings"
	"testing"
)

func TestPrefixesAndStacks(t *testing.T) {
	const allowed = "; lower-case letters, digits and single hyphens are allowed"
	long := strings.Repeat("a", 21)
	check(t, []answer{
		{Prefix("asset-manager"), ""},
		{Prefix(long[:20]), ""},
		{Prefix(""), "is required"},
		{Prefix("a"), `"a": has 1 character; 2 to 20 are allowed`},
		{Prefix(long), `"` + long + `": has 21 characters; 2 to 20 are allowed`},
		{Prefix("Asset"), `"Asset": has upper case` + allowed},
		{Prefix("asset_manager"), `"asset_manager": has '_'` + allowed},
		{Prefix("asset--manager"), `"asset--manager": has two hyphens in a row` + allowed},
		{Prefix("asset-"), `"asset-": ends with a hyphen; a letter or a digit comes last`},
		{Prefix("1asset"), `"1asset": begins with '1'; a lower-case letter comes first`},
		{Prefix("awsome"), `"awsome": begins with aws, which Systems Manager keeps for itself; another beginning is allowed`},
		{Prefix("ssm-jobs"), `"ssm-jobs": begins with ssm, which Systems Manager keeps for itself; another beginning is allowed`},
		{Prefix("sthree"), `"sthree": begins with sthree, which S3 keeps for itself; another beginning is allowed`},
		{Prefix("sthrees"), ""},
		{Prefix("amzn-s3-demo"), `"amzn-s3-demo": begins with amzn-s3-demo, which S3 keeps for itself; another beginning is allowed`},
		{Prefix("sg-jobs"), `"sg-jobs": begins with sg, which EC2 keeps for itself; another beginning is allowed`},
		{Prefix("internal"), `"internal": begins with internal, which load balancers keep for themselves; another beginning is allowed`},
		{Stack("p"), ""},
		{Stack(""), "is required"},
		{Stack("my_stack"), `"my_stack": has '_'` + allowed},
		{Stack(long), `"` + long + `": has 21 characters; 1 to 20 are allowed`},
		{NamePrefix("asset-manager-dev"), ""},
		{NamePrefix(""), "is required"},
		{NamePrefix(long + long), `"` + long + long + `": has 42 characters; 2 to 41 are allowed`},
		{WorkloadKind("web"), ""},
		{WorkloadKind("Web"), `"Web": has upper case` + allowed},
	})
}

func TestClustersAndContainers(t *testing.T) {
	long := strings.Repeat("a", 256)
	const allowed = "; letters, digits, hyphens and underscores are allowed"
	check(t, []answer{
		{PolicyName("team/asset-manager-dev-boundary"), ""},
		{PolicyName("/boundary"), `"/boundary": begins or ends with a slash, or has two together; single ones between names are allowed`},
		{PolicyName("my boundary"), `"my boundary": has white space; letters, digits, slashes and +=,.@-_ are allowed`},
		{ClusterName("Fulcrum_cluster-1"), ""},
		{ClusterName(long[:255]), ""},
		{ClusterName(""), "is required"},
		{ClusterName("my cluster"), `"my cluster": has white space` + allowed},
		{ClusterName(long), `"` + long + `": has 256 characters; 1 to 255 are allowed`},
		{ContainerName("configure"), ""},
		{ContainerName("a.b"), `"a.b": has '.'` + allowed},
	})
}

func TestBuckets(t *testing.T) {
	const allowed = "; lower-case letters, digits and hyphens are allowed"
	long := strings.Repeat("a", 56)
	check(t, []answer{
		{BucketName("asset-manager-dev-111122223333-us-west-1"), ""},
		{BucketName("a--b"), ""},
		{BucketName(""), "is required"},
		{BucketName("ab"), `"ab": has 2 characters; 3 to 55 are allowed`},
		{BucketName(long), `"` + long + `": has 56 characters; 3 to 55 are allowed`},
		{BucketName("My_Bucket"), `"My_Bucket": has upper case` + allowed},
		{BucketName("my.bucket"), `"my.bucket": has '.'` + allowed},
		{BucketName("-bucket"), `"-bucket": begins or ends with a hyphen; a letter or a digit is allowed there`},
		{BucketName("xn--assets"), `"xn--assets": begins with xn--, which S3 keeps for itself; another beginning is allowed`},
		{BucketName("sthree-a"), `"sthree-a": begins with sthree-, which S3 keeps for itself; another beginning is allowed`},
		{BucketName("amzn-s3-demo-a"), `"amzn-s3-demo-a": begins with amzn-s3-demo-, which S3 keeps for itself; another beginning is allowed`},
		{BucketName("a-s3alias"), `"a-s3alias": ends with -s3alias, which S3 keeps for itself; another end is allowed`},
		{BucketName("a--ol-s3"), `"a--ol-s3": ends with --ol-s3, which S3 keeps for itself; another end is allowed`},
		{BucketName("a--x-s3"), `"a--x-s3": ends with --x-s3, which S3 keeps for itself; another end is allowed`},
		{BucketName("a--table-s3"), `"a--table-s3": ends with --table-s3, which S3 keeps for itself; another end is allowed`},
		{BucketName("assets-an"), `"assets-an": ends with -an, which S3 keeps for itself; another end is allowed`},
		{ObjectPrefix("dagster/io/"), ""},
		{ObjectPrefix(""), "is required"},
		{ObjectPrefix("/dagster"), `"/dagster": begins with a slash; keys such as dagster/io/ begin without`},
	})
}

func TestParameters(t *testing.T) {
	deep := strings.Repeat("/a", 16)
	check(t, []answer{
		{ParameterPath("/asset-manager/dev"), ""},
		{ParameterPath(""), "is required"},
		{ParameterPath("/a b"), `"/a b": has white space; letters, digits and . _ - are allowed between slashes`},
		{ParameterPath("a/b"), `"a/b": begins without a slash; a path is such as /asset-manager/dev`},
		{ParameterPath("/a/"), `"/a/": has a slash at its end or two in a row; a path is such as /asset-manager/dev`},
		{ParameterPath(deep), `"` + deep + `": has 16 parts; 15 are allowed`},
		{ParameterPath("/AWS/x"), `"/AWS/x": begins with aws or ssm, which Systems Manager keeps for itself; another beginning is allowed`},
	})
}
