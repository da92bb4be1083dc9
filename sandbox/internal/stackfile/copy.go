package stackfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"gopkg.in/yaml.v3"

	"dagster-ecs/internal/rules"
)

// The settings that a sandbox changes: its images have tags of their own, several stand on one machine, and it runs functions
// itself.
const (
	imageKey        = "dagster:image"
	localPortKey    = "dagster:database.connection.localPort"
	architectureKey = "dagster:monitoring.architecture"
)

// functions is where the sources of functions lie beside the project file.
const functions = "functions"

// Copy says what differs in the files that a sandbox deploys.
type Copy struct {
	// Program is the compiled program, in place of a build.
	Program string
	// Image takes the place of the image; empty keeps it.
	Image string
	// DatabasePort is the port of this machine that leads to the database; 0, or a stack without a gateway, keeps the setting.
	DatabasePort int
	// Passphrase encrypts secrets, in place of the owner's key.
	Passphrase string
}

// Write writes the project's and the stack's file into dir. Nothing that somebody set in an earlier copy is kept, but
// its salt: without it the passphrase would not open the state that was encrypted under it.
func (f *File) Write(dir string, c Copy) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the working directory of the stack %s: %w", f.name, err)
	}
	project := *f.project
	project.Runtime = workspace.NewProjectRuntimeInfo("go", map[string]any{"binary": c.Program})
	if err := project.Save(filepath.Join(dir, "Pulumi.yaml")); err != nil {
		return fmt.Errorf("write the sandbox's Pulumi.yaml: %w", err)
	}
	if err := link(filepath.Join(f.repo, functions), filepath.Join(dir, functions)); err != nil {
		return err
	}
	path := filepath.Join(dir, fileName(f.name))
	stack, err := f.stackCopy(path, c)
	if err != nil {
		return err
	}
	if err := stack.Save(path); err != nil {
		return fmt.Errorf("write the sandbox's %s: %w", filepath.Base(path), err)
	}
	return nil
}

// stackCopy is the stack's file with secrets that the sandbox's passphrase opens.
func (f *File) stackCopy(path string, c Copy) (*workspace.ProjectStack, error) {
	salt, err := earlierSalt(path)
	if err != nil {
		return nil, err
	}
	var crypter pulumiconfig.Crypter = pulumiconfig.NewPanicCrypter() // for no value
	if f.stack.Config.HasSecureValue() {
		if salt == "" {
			if salt, err = newSalt(c.Passphrase); err != nil {
				return nil, err
			}
		}
		if crypter, err = Crypter(c.Passphrase, salt); err != nil {
			return nil, err
		}
	}
	encrypted, err := f.stack.Config.Copy(f.standIns, crypter)
	if err != nil {
		return nil, fmt.Errorf("encrypt the stand-ins: %w", err)
	}
	stack := &workspace.ProjectStack{EncryptionSalt: salt, Config: encrypted, Environment: f.stack.Environment}
	if c.Image != "" {
		stack.Config[pulumiconfig.MustParseKey(imageKey)] = pulumiconfig.NewValue(c.Image)
	}
	if c.DatabasePort != 0 && f.Settings.Database.Connection.Via == rules.ConnectionGateway {
		value := pulumiconfig.NewTypedValue(strconv.Itoa(c.DatabasePort), pulumiconfig.TypeInt)
		if err := stack.Config.Set(pulumiconfig.MustParseKey(localPortKey), value, true); err != nil {
			return nil, fmt.Errorf("set %s: %w", localPortKey, err)
		}
	}
	return stack, f.ownMachine(stack)
}

// ownMachine has functions compiled for this machine, which runs them.
func (f *File) ownMachine(stack *workspace.ProjectStack) error {
	if !f.Settings.Monitoring.Enabled && !f.Settings.Hours.Enabled {
		return nil
	}
	own := rules.Arm64
	if runtime.GOARCH == rules.X86.Go() {
		own = rules.X86
	}
	if err := stack.Config.Set(pulumiconfig.MustParseKey(architectureKey), pulumiconfig.NewValue(string(own)), true); err != nil {
		return fmt.Errorf("set %s: %w", architectureKey, err)
	}
	return nil
}

// link puts a link to a folder in the place of an earlier one.
func link(folder, path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the earlier link to %s: %w", folder, err)
	}
	if err := os.Symlink(folder, path); err != nil {
		return fmt.Errorf("link %s: %w", folder, err)
	}
	return nil
}

func earlierSalt(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the sandbox's %s: %w", filepath.Base(path), err)
	}
	var file struct {
		Salt string `yaml:"encryptionsalt"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return "", fmt.Errorf("read the sandbox's %s: %w", filepath.Base(path), err)
	}
	return file.Salt, nil
}
