// Package document puts tables that are made of data into documents.
package document

import (
	"fmt"
	"os"
	"strings"
)

const end = "<!-- End of the table. -->\n"

// Insert puts a table into a text, between the comment that names its source and the next end of a table.
func Insert(text, source, table string) (string, error) {
	begin := "<!-- The table is made of " + source + ". -->\n"
	before, rest, found := strings.Cut(text, begin)
	_, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		return "", fmt.Errorf("the document has no place for the table, between %q and %q", begin, end)
	}
	return before + begin + "\n" + table + "\n" + end + after, nil
}

// Write puts a table into a file.
func Write(path, source, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	with, err := Insert(string(text), source, table)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(with), 0o644)
}
