package secrets

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/password"
)

// Fingerprint changes when the value of any parameter of a group does, and tells nothing of them: it is keyed with a
// random text that only the state has, encrypted. ECS reads a parameter when a task starts, so that a service has the new
// value only when something in its definition changes too. Empty for a group that is not there.
func (s *Secrets) Fingerprint(group string) pulumi.StringInput {
	if fingerprint, ok := s.fingerprints[group]; ok {
		return fingerprint
	}
	return pulumi.String("")
}

// takeFingerprints does not take the parameters' versions, which begin with 1 again where one is made anew.
func (b *builder) takeFingerprints() error {
	key, err := password.New(b.Scope, "fingerprint", "1")
	if err != nil {
		return err
	}
	values := map[string][]any{}
	for _, each := range b.sorted() {
		values[each.Group] = append(values[each.Group], each.Name, each.Value)
	}
	for group, named := range values {
		fingerprint := pulumi.All(append([]any{key}, named...)...).ApplyT(fingerprint).(pulumi.StringOutput)
		b.fingerprints[group] = pulumi.Unsecret(fingerprint).(pulumi.StringOutput)
	}
	return nil
}

// sorted are the parameters by their names: their order is of no consequence.
func (b *builder) sorted() []Parameter {
	return slices.SortedFunc(slices.Values(b.args.Parameters), func(x, y Parameter) int {
		return strings.Compare(x.key(), y.key())
	})
}

// fingerprint takes the key, and then a name and a value in turn.
func fingerprint(texts []any) string {
	key, _ := texts[0].(string)
	sum := hmac.New(sha256.New, []byte(key))
	for _, text := range texts[1:] {
		fmt.Fprintf(sum, "%q ", text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
