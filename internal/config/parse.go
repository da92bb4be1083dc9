package config

// Source gives the raw settings.
type Source struct {
	// Get gives the text of a key as Pulumi stores it, JSON where the value is no plain text.
	Get func(key string) (raw string, ok bool)
	// IsSecret tells whether the key is stored encrypted.
	IsSecret func(key string) bool
}

// Parse reads the settings of a stack. The error, if any, is Problems: all of them.
func Parse(source Source, stack string) (Settings, error) {
	return Settings{Stack: stack}, nil
}
