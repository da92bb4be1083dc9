package config

// Profile is the set of defaults that a stack starts from.
type Profile string

// The profiles.
const (
	// ProfileDev is cheap and deletable.
	ProfileDev Profile = "dev"
	// ProfileProd is redundant and protected.
	ProfileProd Profile = "prod"
)

// Allowed are the profiles.
func (Profile) Allowed() []string { return []string{string(ProfileDev), string(ProfileProd)} }

// Secret is a text that does not print itself: %v, %s and JSON give a placeholder.
type Secret struct{ text string }

// newSecret hides a text.
func newSecret(text string) Secret { return Secret{text: text} }

// Reveal gives the text, to be wrapped with pulumi.ToSecret where it is used.
func (s Secret) Reveal() string { return s.text }

// String gives a placeholder.
func (Secret) String() string { return "[secret]" }

// GoString gives a placeholder for %#v.
func (Secret) GoString() string { return "[secret]" }

// MarshalText gives a placeholder.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }
