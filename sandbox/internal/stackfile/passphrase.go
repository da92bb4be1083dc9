package stackfile

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

// saltBytes are as many as Pulumi draws.
const saltBytes = 8

// Crypter encrypts as Pulumi does by a passphrase. The salt is kept as Pulumi keeps it in stack files and states: "v1:", the
// salt itself in base64, and a text to try the passphrase on (pkg/secrets/passphrase in Pulumi's source).
func Crypter(passphrase, salt string) (pulumiconfig.Crypter, error) {
	parts := strings.SplitN(salt, ":", 3)
	if len(parts) != 3 || parts[0] != "v1" {
		return nil, errors.New("the secrets are not encrypted by a passphrase: their salt is not of the form v1:salt:text")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("decode the salt of the secrets: %w", err)
	}
	return pulumiconfig.NewSymmetricCrypterFromPassphrase(passphrase, raw), nil
}

// newSalt draws a salt and keeps it as Crypter reads it.
func newSalt(passphrase string) (string, error) {
	raw := make([]byte, saltBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	crypter := pulumiconfig.NewSymmetricCrypterFromPassphrase(passphrase, raw)
	try, err := crypter.EncryptValue(context.Background(), "pulumi") // it does not block
	if err != nil {
		return "", fmt.Errorf("encrypt with the sandbox's passphrase: %w", err)
	}
	return "v1:" + base64.StdEncoding.EncodeToString(raw) + ":" + try, nil
}
