package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"
)

const (
	ignoreFile = ".dockerignore"
	// bytecode is what Python writes beside the code that runs from its folder.
	bytecode = "**/__pycache__"
	// codeRecipe names the builds that sandboxes share.
	codeRecipe = "code"
	// longestVersion leaves room for the hash among the 128 characters of a tag.
	longestVersion = 100
	// keptBuilds is how many of them stay for the sandboxes to come.
	keptBuilds = 5
)

// Project is the code that the stack runs.
type Project struct {
	// dir is its folder, the context of the build, with a Dockerfile and perhaps a .dockerignore.
	dir string
	// image is the name that the stack's settings give.
	image string
	// Label marks the image as one sandbox's own ("key=value").
	Label string
	// NameOnly leaves out the build.
	NameOnly bool
}

// OpenProject answers the project in a folder, not yet any sandbox's; one without a Dockerfile is refused.
func OpenProject(dir, image string) (*Project, error) {
	folder, err := filepath.EvalSymlinks(dir)
	if err == nil {
		_, err = os.Stat(filepath.Join(folder, "Dockerfile"))
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("PROJECT=%s: there is no Dockerfile in that folder", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("PROJECT=%s: %w", dir, err)
	}
	return &Project{dir: folder, image: image}, nil
}

// Code builds the project's image and answers its name: that of the settings with a tag that its content decides, as a
// registry with immutable tags has it, and the sandbox's own, so that none takes another's.
func (b *Builder) Code(ctx context.Context, p Project) (string, error) {
	r, err := b.codeOf(ctx, p)
	if err != nil {
		return "", err
	}
	key, err := r.key()
	if err != nil {
		return "", fmt.Errorf("hash the project in %s: %w", p.dir, err)
	}
	ref := tagged(p.image, p.Label+"\x00"+key)
	if p.NameOnly || b.exists(ctx, ref) {
		return ref, nil
	}
	unlock, err := b.lock(ctx, codeRecipe)
	if err != nil {
		return "", err
	}
	defer unlock()
	shared := local + codeRecipe + ":" + key
	if err := b.buildLocked(ctx, r, shared); err != nil {
		return "", fmt.Errorf("build the image of the project in %s: %w", p.dir, err)
	}
	if err := b.label(ctx, shared, ref, p.Label); err != nil {
		return "", fmt.Errorf("name the image of the project in %s: %w", p.dir, err)
	}
	return ref, nil
}

// codeOf is how the project's image is built.
func (b *Builder) codeOf(ctx context.Context, p Project) (recipeOf, error) {
	base, err := b.base(ctx)
	if err != nil {
		return recipeOf{}, err
	}
	ignore, err := readIgnore(p.dir)
	if err != nil {
		return recipeOf{}, err
	}
	return recipeOf{
		name: codeRecipe, base: base, file: filepath.Join(p.dir, "Dockerfile"), context: p.dir,
		include: []string{"."}, ignore: ignore,
	}, nil
}

// readIgnore reads the project's .dockerignore.
func readIgnore(dir string) ([]string, error) {
	file, err := os.Open(filepath.Join(dir, ignoreFile))
	if errors.Is(err, os.ErrNotExist) {
		return []string{bytecode}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the project's %s: %w", ignoreFile, err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the project's %s: %w", ignoreFile, err)
	}
	return append(patterns, bytecode), nil
}

// tagged puts a hash of content behind the tag of an image, or in place of its digest.
func tagged(image, content string) string {
	name, _, _ := strings.Cut(image, "@")
	version := ""
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name, version = name[:colon], name[colon+1:]
		version = version[:min(len(version), longestVersion)] + "-"
	}
	sum := sha256.Sum256([]byte(content))
	return name + ":" + version + hex.EncodeToString(sum[:6])
}

// label makes an image of its own, which carries the label and shares all layers. The caller holds the recipe's lock.
func (b *Builder) label(ctx context.Context, from, ref, label string) error {
	dir, remove, err := b.scratch(codeRecipe)
	if err != nil {
		return err
	}
	defer remove()
	file := filepath.Join(dir, "Dockerfile")
	if err := os.WriteFile(file, []byte("FROM "+from+"\n"), 0o600); err != nil {
		return err
	}
	_, err = b.engine.Run(ctx, "build", "--label", label, "--file", file, "--tag", ref, dir)
	return err
}

// used is what engines say of an image that a container is made of: Podman, and Docker.
var used = regexp.MustCompile(`in use by a container|is being used by|is using its referenced image`)

// PruneCode forgets all but the newest builds of projects, with which the next sandboxes may begin. A sandbox that runs
// an older one has it under a name of its own. What a build that was killed left a container of stays.
func (b *Builder) PruneCode(ctx context.Context) error {
	unlock, err := b.lock(ctx, codeRecipe)
	if err != nil {
		return err
	}
	defer unlock()
	listed, err := b.engine.List(ctx, "image", "ls", "--filter", "reference="+local+codeRecipe, "--format", "{{.Repository}}:{{.Tag}}")
	if err != nil {
		return fmt.Errorf("list the builds of projects: %w", err)
	}
	var failed error
	for _, ref := range staleBuilds(listed) {
		if _, err := b.engine.Run(ctx, "image", "rm", ref); err != nil && !used.MatchString(err.Error()) {
			failed = errors.Join(failed, fmt.Errorf("remove %s: %w", ref, err))
		}
	}
	return failed
}

// staleBuilds picks the builds to forget from a list of images, the newest first. An engine lists all names of an image,
// and a project that adds nothing to the base is the same image.
func staleBuilds(listed []string) []string {
	var builds []string
	for _, ref := range listed {
		if strings.HasPrefix(ref, local+codeRecipe+":") {
			builds = append(builds, ref)
		}
	}
	return builds[min(keptBuilds, len(builds)):]
}
