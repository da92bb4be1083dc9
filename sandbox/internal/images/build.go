package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"
)

// recipeOf says how an image is built.
type recipeOf struct {
	name    string            // of the image and of its lock
	base    string            // build argument BASE
	file    string            // the Dockerfile
	context string            // the folder of the build's context
	include []string          // files and folders of the context that count
	ignore  []string          // patterns of .dockerignore for what does not
	extra   map[string]string // files from elsewhere: name in the context to path
	salt    string            // what else counts
}

// build builds an image unless one of the same content is there, and returns its name.
func (b *Builder) build(ctx context.Context, r recipeOf) (string, error) {
	key, err := r.key()
	if err != nil {
		return "", err
	}
	ref := local + r.name + ":" + key
	if b.exists(ctx, ref) {
		return ref, nil
	}
	unlock, err := b.lock(ctx, r.name)
	if err != nil {
		return "", err
	}
	defer unlock()
	return ref, b.buildLocked(ctx, r, ref)
}

// buildLocked builds the image unless it is there. The caller holds the lock of its name.
func (b *Builder) buildLocked(ctx context.Context, r recipeOf, ref string) error {
	if b.exists(ctx, ref) {
		return nil
	}
	end := b.report.Step("build image " + r.name)
	err := b.buildNow(ctx, r, ref)
	end(err)
	return err
}

// buildNow copies the context to a folder of its own, so that a change meanwhile does not get in, and builds.
func (b *Builder) buildNow(ctx context.Context, r recipeOf, ref string) error {
	dir, remove, err := b.scratch(r.name)
	if err != nil {
		return err
	}
	defer remove()
	files, err := r.files()
	if err != nil {
		return err
	}
	for _, name := range sortedNames(files) {
		if err := copyFile(files[name], filepath.Join(dir, "context", name)); err != nil {
			return fmt.Errorf("copy %s into the build: %w", name, err)
		}
	}
	secrets, err := hostSecrets(dir)
	if err != nil {
		return err
	}
	args := []string{"build", "--network=host", "--build-arg", "BASE=" + r.base, "--file", r.file, "--tag", ref}
	args = append(args, secrets...)
	_, err = b.engine.Run(ctx, append(args, filepath.Join(dir, "context"))...)
	return err
}

// files lists what the build's context holds: name in the context to path on this machine.
func (r recipeOf) files() (map[string]string, error) {
	files := map[string]string{}
	for name, path := range r.extra {
		files[name] = path
	}
	ignored, err := patternmatcher.New(r.ignore)
	if err != nil {
		return nil, fmt.Errorf("read the patterns of %s: %w", ignoreFile, err)
	}
	for _, part := range r.include {
		err := filepath.WalkDir(filepath.Join(r.context, part), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(r.context, path)
			if err != nil || name == "." {
				return err
			}
			skip, err := ignored.MatchesOrParentMatches(name)
			switch {
			case err != nil:
				return err
			case entry.IsDir() && skip && !ignored.Exclusions():
				return filepath.SkipDir
			case !skip && (entry.Type().IsRegular() || entry.Type() == fs.ModeSymlink):
				files[name] = path
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", filepath.Join(r.context, part), err)
		}
	}
	return files, nil
}

// key is a hash of everything that goes into the image.
func (r recipeOf) key() (string, error) {
	files, err := r.files()
	if err != nil {
		return "", err
	}
	files["\x00Dockerfile"] = r.file
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00", r.base, r.salt)
	for _, name := range sortedNames(files) {
		if err := hashFile(sum, name, files[name]); err != nil {
			return "", fmt.Errorf("hash %s: %w", name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// hashFile adds a file's name, mode, length and content; a symbolic link's content is where it points.
func hashFile(sum io.Writer, name, path string) error {
	info, content, err := readEntry(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "%s\x00%o\x00%d\x00", name, uint32(info.Mode()&(0o111|fs.ModeSymlink)), len(content))
	_, err = sum.Write(content)
	return err
}

// copyFile copies a file; only whether it can be executed is kept of its mode, whatever the umask was at checkout.
func copyFile(from, to string) error {
	info, content, err := readEntry(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode().Type() == fs.ModeSymlink {
		return os.Symlink(string(content), to)
	}
	mode := os.FileMode(0o644)
	if info.Mode().Perm()&0o111 != 0 {
		mode = 0o755
	}
	if err := os.WriteFile(to, content, mode); err != nil {
		return err
	}
	return os.Chmod(to, mode)
}

// readEntry answers the content of a file, or where a symbolic link points.
func readEntry(path string) (info fs.FileInfo, content []byte, err error) {
	if info, err = os.Lstat(path); err != nil {
		return nil, nil, err
	}
	if info.Mode().Type() == fs.ModeSymlink {
		target, err := os.Readlink(path)
		return info, []byte(target), err
	}
	content, err = os.ReadFile(path)
	return info, content, err
}
