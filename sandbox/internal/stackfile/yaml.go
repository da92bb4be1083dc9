package stackfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"gopkg.in/yaml.v3"
)

// parserLine is the place that the parser names: where the construct begins that it gave up in.
var parserLine = regexp.MustCompile(`^yaml: (line \d+: )?`)

// unclosed is what the parser says of a quoted text only.
const unclosed = "found unexpected end of stream"

// checkYAML refuses a file that is not YAML, with the line from which on it is not. The parser alone names another: an
// unclosed quote ends at the next one, and the parser stops some lines below.
func checkYAML(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	if invalid(text) == nil {
		return nil
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	right := len(lines) - 1
	for right > 0 && invalid(bytes.Join(lines[:right], nil)) != nil {
		right--
	}
	problem := invalid(bytes.Join(lines[:right+1], nil))
	says := parserLine.ReplaceAllString(problem.Error(), "")
	if says == unclosed {
		says += ": a quote is not closed"
	}
	return fmt.Errorf("%s, line %d: %s", filepath.Base(path), right+1, says)
}

func invalid(text []byte) error {
	var document yaml.Node
	return yaml.Unmarshal(text, &document)
}
