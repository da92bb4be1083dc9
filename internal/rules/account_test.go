package rules

import "testing"

func TestRegions(t *testing.T) {
	check(t, []answer{
		{Region("us-west-1"), ""},
		{Region("us-gov-east-1"), ""},
		{Region("ap-southeast-7"), ""},
		{Region("eusc-de-east-1"), ""},
		{Region(""), "is required"},
		{Region("california"), `"california": has another form than regions have; a region is such as us-west-1`},
		{Region("us-west"), `"us-west": has another form than regions have; a region is such as us-west-1`},
		{Region("us-west-3"), `"us-west-3": is no region; us-east-1, us-east-2, us-west-1, us-west-2, us-iso-east-1, us-iso-west-1, ` +
			"us-isob-east-1, us-isof-east-1, us-isof-south-1, us-gov-east-1 and us-gov-west-1 are allowed"},
		{Region("mx-central-2"), `"mx-central-2": is no region; mx-central-1 is allowed`},
		{Region("US-WEST-1"), `"US-WEST-1": has upper case; a region is such as us-west-1`},
		{Region("us west 1"), `"us west 1": has white space; a region is such as us-west-1`},
		{Region("us-west-1a"), `"us-west-1a": is an availability zone; its region is us-west-1`},
	})
}

func TestReplicasStayInThePartitionAndOutsideTheRegion(t *testing.T) {
	check(t, []answer{
		{ReplicaRegion("us-west-2", "us-west-1"), ""},
		{ReplicaRegion("us-gov-west-1", "us-gov-east-1"), ""},
		{ReplicaRegion("", "us-west-1"), "is required"},
		{ReplicaRegion("west", "us-west-1"), `"west": has another form than regions have; a region is such as us-west-1`},
		{ReplicaRegion("us-west-1", "us-west-1"), `"us-west-1": is the region of the original; a copy there survives nothing`},
		{ReplicaRegion("us-gov-west-1", "us-west-1"),
			`"us-gov-west-1": lies in partition aws-us-gov; copies of us-west-1 stay in partition aws`},
		{ReplicaRegion("us-west-2", "cn-north-1"), `"us-west-2": lies in partition aws; copies of cn-north-1 stay in partition aws-cn`},
		{ReplicaRegion("us-west-2", ""), ""},
	})
}

func TestAccounts(t *testing.T) {
	check(t, []answer{
		{Account("111122223333"), ""},
		{Account("012345678901"), ""},
		{Account(""), "is required"},
		{Account("1234"), `"1234": has 4 digits; 12 are allowed, in quotes, so that zeros in front stay`},
		{Account("1111-2222-3333"), `"1111-2222-3333": has '-'; 12 digits are allowed`},
		{Account("11112222333\u0663"), `"11112222333٣": has '٣'; 12 digits are allowed`},
	})
}

func TestCertificatesAreOfTheRegionAndTheAccount(t *testing.T) {
	const (
		id   = "certificate/01234567-89ab-cdef-0123-456789abcdef"
		good = "arn:aws:acm:us-west-1:111122223333:" + id
		such = "; the ARN of an ACM certificate is arn:…:acm:region:account:certificate/id"
	)
	in := func(arn string) error { return Certificate(arn, "us-west-1", "111122223333") }
	check(t, []answer{
		{in(good), ""},
		{Certificate("arn:aws-cn:acm:cn-north-1:111122223333:"+id, "cn-north-1", "111122223333"), ""},
		{Certificate(good, "", ""), ""},
		{in(""), "is required"},
		{in("mine"), `"mine": begins with something else than arn:` + such},
		{in("arn:aws:acm"), `"arn:aws:acm": has 3 parts between colons instead of 6` + such},
		{in("arn:aws:iam::111122223333:server-certificate/a"),
			`"arn:aws:iam::111122223333:server-certificate/a": is of the service "iam"` + such},
		{in("arn:aws-cn:acm:us-west-1:111122223333:" + id),
			`"arn:aws-cn:acm:us-west-1:111122223333:` + id + `": is of partition "aws-cn"; region us-west-1 lies in aws`},
		{in("arn:aws:acm:us-east-1:111122223333:" + id), `"arn:aws:acm:us-east-1:111122223333:` + id +
			`": is of region "us-east-1"; the load balancer in us-west-1 takes certificates of its own region`},
		{in("arn:aws:acm:us-west-1:444455556666:" + id), `"arn:aws:acm:us-west-1:444455556666:` + id +
			`": is of account "444455556666"; certificates of account 111122223333 are allowed`},
		{in(good[:len(good)-1]), `"` + good[:len(good)-1] + `": ends with "` + id[:len(id)-1] + `"` + such},
	})
}
