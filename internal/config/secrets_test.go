package config

import "testing"

func TestRefusedSecretsAreNotShown(t *testing.T) {
	for says, raw := range map[string]any{
		"dagster:secrets: is a text; an object is allowed":                                                      "hunter2",
		"dagster:secrets.A: is an object; a text is allowed":                                                    values{"A": values{"hunter2": "hunter2"}},
		`dagster:secrets.DAGSTER_X: "DAGSTER_X": begins with DAGSTER_; the program manages such variables`:      values{"DAGSTER_X": "hunter2"},
		"dagster:secrets.A: has 0 bytes; 1 to 4096 are allowed":                                                 values{"A": ""},
		"dagster:secrets.A: has {{, which Systems Manager reads as a reference; all else is allowed":            values{"A": "hunter2 {{ x }}"},
		`dagster:secrets.A-B: "A-B": has '-'; letters, digits and underscores are allowed`:                      values{"A-B": "hunter2"},
		"dagster:secrets.A: is a number; a text is allowed\ndagster:secrets.B: is a boolean; a text is allowed": values{"A": 1, "B": true},
	} {
		_, err := Parse(least(ProfileDev).with(values{"dagster:secrets": raw}).source("dagster:secrets"), "dev")
		if err == nil || err.Error() != says {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}

func TestRefusedPagersAreNotShown(t *testing.T) {
	for says, raw := range map[string]any{
		"dagster:pagers.duty: is no https:// URL; one is allowed":                         values{"duty": "http://hunter2.example.com"},
		`dagster:pagers.Duty: "Duty": lower-case letters, digits and hyphens are allowed`: values{"Duty": "https://hunter2.example.com"},
	} {
		_, err := Parse(least(ProfileDev).with(values{"dagster:pagers": raw}).source("dagster:pagers"), "dev")
		if err == nil || err.Error() != says {
			t.Errorf("got %v, want %s", err, says)
		}
	}
	refused(t, ProfileDev, []refusal{{in("pagers", values{"duty": "https://hunter2.example.com"}),
		"dagster:pagers: is plain text; set each with pulumi config set --secret --path 'dagster:pagers.NAME'"}})
}

func TestOnlySecretsMayBeEncrypted(t *testing.T) {
	given := least(ProfileDev).with(in("environment", values{"A": "hunter2"}))
	_, err := Parse(given.source("dagster:environment"), "dev")
	if want := "dagster:environment: is stored encrypted; only dagster:pagers and dagster:secrets may be"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSameNameInEnvironmentAndSecretsIsRefused(t *testing.T) {
	given := least(ProfileDev).with(values{"dagster:environment": values{"HOOK": "a"}, "dagster:secrets": values{"HOOK": "b"}})
	_, err := Parse(given.source("dagster:secrets"), "dev")
	want := "dagster:secrets.HOOK: stands in dagster:environment as well; one of the two is allowed"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
