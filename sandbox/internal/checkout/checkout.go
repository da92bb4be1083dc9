// Package checkout copies this repository, so that something can be changed in it and tried.
package checkout

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Copy copies the files that git knows of a checkout, or would know, into a folder.
func Copy(ctx context.Context, root, dir string) error {
	list := exec.CommandContext(ctx, "git", "ls-files", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the files of the checkout: %w", err)
	}
	copying := exec.CommandContext(ctx, "cp", append([]string{"--parents", "--target-directory=" + dir}, strings.Fields(string(names))...)...)
	copying.Dir = root
	if out, err := copying.CombinedOutput(); err != nil {
		return fmt.Errorf("copy the checkout: %w: %s", err, out)
	}
	return nil
}
