package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/doctor/judge"
)

// quotas compare what the stack may start at a time with what the account may.
func (e *examination) quotas(ctx context.Context) (findings []Finding, err error) {
	for _, each := range []struct {
		code   string
		needed float64
	}{{capacity.OnDemandQuota, e.Vcpus.OnDemand}, {capacity.SpotQuota, e.Vcpus.Spot}} {
		if each.needed == 0 {
			continue
		}
		answer, err := e.quota.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("fargate"), QuotaCode: &each.code})
		if err != nil {
			return findings, fmt.Errorf("ask for the quota %s: %w", each.code, err)
		}
		findings = append(findings, judge.Quota(each.code, aws.ToFloat64(answer.Quota.Value), each.needed)...)
	}
	return findings, nil
}
