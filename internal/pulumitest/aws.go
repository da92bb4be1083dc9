package pulumitest

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// defaultOutputs gives every AWS resource an ARN, as nearly all of them have one.
func defaultOutputs(r Resource) resource.PropertyMap {
	pieces := strings.Split(r.Type, ":")
	if !r.Custom || pieces[0] != "aws" || len(pieces) < 3 {
		return nil
	}
	service, _, _ := strings.Cut(pieces[1], "/")
	kind := strings.ToLower(pieces[2])
	return texts("arn", "arn:aws:"+service+":"+Region+":"+Account+":"+kind+"/"+r.Name)
}

// knownOutputs are the computed outputs that components of this program read.
func knownOutputs() map[string]outputs {
	return map[string]outputs{
		"aws:kms/key:Key":                            keyOutputs,
		"aws:s3/bucketV2:BucketV2":                   bucketOutputs,
		"aws:rds/instance:Instance":                  databaseOutputs,
		"aws:ecs/taskDefinition:TaskDefinition":      taskOutputs,
		"aws:lb/loadBalancer:LoadBalancer":           balancerOutputs,
		"aws:lb/targetGroup:TargetGroup":             targetOutputs,
		"aws:ec2/eip:Eip":                            addressOutputs,
		"aws:ec2/vpcEndpoint:VpcEndpoint":            endpointOutputs,
		"aws:iam/role:Role":                          roleOutputs,
		"aws:cloudwatch/logGroup:LogGroup":           logGroupOutputs,
		"aws:ssm/parameter:Parameter":                parameterOutputs,
		"random:index/randomId:RandomId":             randomIDOutputs,
		"random:index/randomPassword:RandomPassword": passwordOutputs,
	}
}

func keyOutputs(r Resource) resource.PropertyMap {
	return texts("keyId", r.Name+"-id", "arn", "arn:aws:kms:"+Region+":"+Account+":key/"+r.Name)
}

func bucketOutputs(r Resource) resource.PropertyMap {
	name := text(r, "bucket", r.Name)
	return texts("bucket", name, "arn", "arn:aws:s3:::"+name, "bucketRegionalDomainName", name+".s3."+Region+".amazonaws.com")
}

func databaseOutputs(r Resource) resource.PropertyMap {
	host := r.Name + ".example.com"
	state := texts("address", host, "endpoint", host+":5432", "resourceId", "db-"+strings.ToUpper(r.Name))
	state["arn"] = resource.NewProperty("arn:aws:rds:" + Region + ":" + Account + ":db:" + text(r, "identifier", r.Name))
	return state
}

func taskOutputs(r Resource) resource.PropertyMap {
	state := texts("arn", "arn:aws:ecs:"+Region+":"+Account+":task-definition/"+text(r, "family", r.Name)+":1")
	state["revision"] = resource.NewProperty(1.0)
	return state
}

func balancerOutputs(r Resource) resource.PropertyMap {
	return texts("dnsName", r.Name+".elb.example.com", "zoneId", "Z0000000000000", "arnSuffix", "app/"+r.Name+"/0123456789abcdef",
		"arn", "arn:aws:elasticloadbalancing:"+Region+":"+Account+":loadbalancer/app/"+r.Name+"/0123456789abcdef")
}

func targetOutputs(r Resource) resource.PropertyMap {
	return texts("arnSuffix", "targetgroup/"+r.Name+"/0123456789abcdef",
		"arn", "arn:aws:elasticloadbalancing:"+Region+":"+Account+":targetgroup/"+r.Name+"/0123456789abcdef")
}

// addressOutputs is an address for each zone, by the zone's last letter.
func addressOutputs(r Resource) resource.PropertyMap {
	return texts("publicIp", fmt.Sprintf("203.0.113.%d", r.Name[len(r.Name)-1]))
}

func endpointOutputs(r Resource) resource.PropertyMap {
	return texts("prefixListId", "pl-"+r.Name)
}

func roleOutputs(r Resource) resource.PropertyMap {
	name := text(r, "name", r.Name)
	return texts("name", name, "arn", "arn:aws:iam::"+Account+":role/"+name)
}

func logGroupOutputs(r Resource) resource.PropertyMap {
	name := text(r, "name", r.Name)
	return texts("name", name, "arn", "arn:aws:logs:"+Region+":"+Account+":log-group:"+name)
}

func parameterOutputs(r Resource) resource.PropertyMap {
	return texts("arn", "arn:aws:ssm:"+Region+":"+Account+":parameter"+text(r, "name", "/"+r.Name))
}

func randomIDOutputs(Resource) resource.PropertyMap {
	return texts("hex", "0a1b2c3d")
}

func passwordOutputs(r Resource) resource.PropertyMap {
	return resource.PropertyMap{"result": resource.MakeSecret(resource.NewProperty("password-of-" + r.Name))}
}

// knownFunctions answers the functions that tell where a program runs.
func knownFunctions() map[string]Function {
	return map[string]Function{
		"aws:index/getCallerIdentity:getCallerIdentity": answer(texts(
			"accountId", Account, "arn", "arn:aws:iam::"+Account+":user/example", "id", Account, "userId", "EXAMPLE")),
		"aws:index/getPartition:getPartition": answer(texts(
			"partition", "aws", "dnsSuffix", "amazonaws.com", "id", "aws", "reverseDnsPrefix", "com.amazonaws")),
		"aws:index/getRegion:getRegion": answer(texts("name", Region, "id", Region, "description", "", "endpoint", "")),
		"aws:index/getAvailabilityZones:getAvailabilityZones": func(resource.PropertyMap) (resource.PropertyMap, error) {
			return resource.PropertyMap{
				"id": resource.NewProperty(Region),
				"names": resource.NewProperty([]resource.PropertyValue{
					resource.NewProperty(Region + "a"), resource.NewProperty(Region + "b"), resource.NewProperty(Region + "c"),
				}),
			}, nil
		},
	}
}

func answer(state resource.PropertyMap) Function {
	return func(resource.PropertyMap) (resource.PropertyMap, error) { return state, nil }
}

// texts makes a property map of pairs of key and text.
func texts(pairs ...string) resource.PropertyMap {
	state := resource.PropertyMap{}
	for i := 0; i+1 < len(pairs); i += 2 {
		state[resource.PropertyKey(pairs[i])] = resource.NewProperty(pairs[i+1])
	}
	return state
}

// text is an input that is a known text, otherwise the fallback.
func text(r Resource, key, fallback string) string {
	if value, ok := r.Inputs[resource.PropertyKey(key)]; ok && value.IsString() {
		return value.StringValue()
	}
	return fallback
}
