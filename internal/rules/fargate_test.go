package rules

import "testing"

func TestSizesOfFargate(t *testing.T) {
	check(t, []answer{
		{FargateCPU(256), ""},
		{FargateCPU(300), "300: Fargate has no such CPU size; 256, 512, 1024, 2048, 4096, 8192 and 16384 are allowed"},
		{FargateMemory(256, 512), ""},
		{FargateMemory(256, 2048), ""},
		{FargateMemory(256, 1536), "1536: Fargate has no such memory with cpu 256; 512, 1024 and 2048 are allowed"},
		{FargateMemory(512, 512), "512: Fargate has no such memory with cpu 512; 1024, 2048, 3072 and 4096 are allowed"},
		{FargateMemory(512, 4096), ""},
		{FargateMemory(1024, 8192), ""},
		{FargateMemory(2048, 16384), ""},
		{FargateMemory(4096, 30720), ""},
		{FargateMemory(8192, 20480), ""},
		{FargateMemory(8192, 61440), ""},
		{FargateMemory(16384, 122880), ""},
		{FargateMemory(300, 1), ""},
	})
	for cpu, wrong := range map[int][]int{
		512: {5120}, 1024: {1024, 9216}, 2048: {3072, 17408}, 4096: {7168, 31744}, 8192: {17408, 65536}, 16384: {36864, 131072},
	} {
		for _, memory := range wrong {
			if FargateMemory(cpu, memory) == nil {
				t.Errorf("cpu %d with %d MiB is allowed", cpu, memory)
			}
		}
	}
}

func TestNumbersOfServices(t *testing.T) {
	check(t, []answer{
		{StopTimeout(2), ""},
		{StopTimeout(121), "121: too large; 2 to 120 is allowed"},
		{TaskCount(5000), ""},
		{TaskCount(0), "0: too small; 1 to 5000 is allowed"},
		{MinimumPercent(0), ""},
		{MinimumPercent(101), "101: too large; 0 to 100 is allowed"},
		{MaximumPercent(200), ""},
		{MaximumPercent(99), "99: too small; 100 to 200 is allowed"},
		{DeploymentRoom(100, 200), ""},
		{DeploymentRoom(100, 100), "100: leaves no room for a deployment; less than the maximum of 100 is allowed"},
		{Weight(1000), ""},
		{Weight(-1), "-1: too small; 0 to 1000 is allowed"},
		{Weights(0, 1), ""},
		{Weights(1, 0), ""},
		{Weights(0, 0), "0: leaves no capacity together with the on-demand weight of 0; one of the two above 0 is needed"},
		{IdleTimeout(61), ""},
		{IdleTimeout(60), "60: too small; 61 to 4000 is allowed"},
		{IdleTimeout(4001), "4001: too large; 61 to 4000 is allowed"},
	})
}

func TestDays(t *testing.T) {
	check(t, []answer{
		{LogRetention(3653), ""},
		{LogRetention(10), "10: CloudWatch Logs has no such retention; " +
			"1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653 are allowed"},
		{ExpireDays(0), ""},
		{ExpireDays(-1), "-1: too small; 0 to 3650 is allowed"},
		{TierDays(0), ""},
		{TierDays(30), ""},
		{TierDays(29), "29: infrequent access does not take objects of this age; 0 (never) and 30 to 3650 are allowed"},
		{ExpireAfterTier(0, 30), ""},
		{ExpireAfterTier(10, 0), ""},
		{ExpireAfterTier(60, 30), ""},
		{ExpireAfterTier(59, 30), "59: too early after the move at 30; 60 and more are allowed"},
		{OldVersionDays(1), ""},
		{OldVersionDays(0), "0: too small; 1 to 3650 is allowed"},
	})
}

func TestChoices(t *testing.T) {
	check(t, []answer{
		{Known(NatNone), ""},
		{Known(NatMode("two")), `"two": unknown; none, single and per-zone are allowed`},
		{Known(NatMode("")), "is required; none, single and per-zone are allowed"},
		{Known(InsightsEnhanced), ""},
		{Known(InsightsMode("all")), `"all": unknown; disabled, enabled and enhanced are allowed`},
		{Known(AccessInternetFacing), ""},
		{Known(AccessMode("public")), `"public": unknown; internal and internet-facing are allowed`},
		{Known(Postgres17), ""},
		{Known(PostgresVersion("15")), `"15": unknown; 16 and 17 are allowed`},
	})
}
