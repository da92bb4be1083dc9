package images

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheTagIsThatOfTheSettingsAndAHashOfTheContent(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0", 64)
	for image, want := range map[string]string{
		"registry.example.com/own/app:2.0":           `registry.example.com/own/app:2.0-[0-9a-f]{12}`,
		"registry.example.com:5000/app:2.0" + digest: `registry.example.com:5000/app:2.0-[0-9a-f]{12}`,
		"registry.example.com:5000/app" + digest:     `registry.example.com:5000/app:[0-9a-f]{12}`,
		"app:" + strings.Repeat("a", 128):            `app:a{100}-[0-9a-f]{12}`,
	} {
		got := tagged(image, "content")
		if !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%s became %s, want %s", image, got, want)
		}
		if got == tagged(image, "other") || got != tagged(image, "content") {
			t.Errorf("the tag of %s does not follow the content", image)
		}
	}
}

func TestAProjectIsWhatItsDockerignoreLeaves(t *testing.T) {
	files := map[string]string{
		"Dockerfile": "FROM x", ".dockerignore": "**\n!own\n# a comment\n**/secret.env\n",
		"own/a.py": "1", "own/deep/b.py": "2", "own/secret.env": "x", "own/__pycache__/a.pyc": "x", "other/c.py": "3",
	}
	dir := project(t, files).context
	if err := os.Symlink("a.py", filepath.Join(dir, "own/link.py")); err != nil {
		t.Fatal(err)
	}
	ignore, err := readIgnore(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := recipeOf{file: filepath.Join(dir, "Dockerfile"), context: dir, include: []string{"."}, ignore: ignore}
	found, err := r.files()
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, []string{"own/a.py", "own/deep/b.py", "own/link.py"}) {
		t.Errorf("the context has %v", got)
	}
	before := keyOf(t, r)
	if err := os.Remove(filepath.Join(dir, "own/link.py")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("deep/b.py", filepath.Join(dir, "own/link.py")); err != nil {
		t.Fatal(err)
	}
	if keyOf(t, r) == before {
		t.Error("another target of a symbolic link does not change the key")
	}
}

func TestAFolderWithoutADockerfileIsRefused(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		if _, err := OpenProject(dir, "app:1"); err == nil || !strings.Contains(err.Error(), "PROJECT="+dir+": there is no Dockerfile") {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestOnlyOldBuildsOfProjectsAreForgotten(t *testing.T) {
	var listed []string
	for _, tag := range []string{"7", "6", "5", "4", "3", "2", "1"} {
		listed = append(listed, local+"code:"+tag, local+"base:"+tag, "registry.example.com/own/code:"+tag)
	}
	if got := staleBuilds(listed); !slices.Equal(got, []string{local + "code:2", local + "code:1"}) {
		t.Errorf("forgotten are %v", got)
	}
	if got := staleBuilds([]string{local + "code:1"}); len(got) > 0 {
		t.Errorf("the only build is forgotten: %v", got)
	}
}

func TestEnginesSayThatAnImageIsUsed(t *testing.T) {
	for words, want := range map[string]bool{
		"Error: image used by b8a4accf: image is in use by a container: consider listing external containers":                      true,
		"conflict: unable to delete 0a1b2c (cannot be forced) - image is being used by running container 3d4e5f":                   true,
		"conflict: unable to remove repository reference \"code:1\" (must force) - container 3d4e5f is using its referenced image": true,
		"Error: code:1: image not known": false,
	} {
		if used.MatchString(words) != want {
			t.Errorf("%q: want %t", words, want)
		}
	}
}
