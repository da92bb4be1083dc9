package judge

import (
	"fmt"
	"slices"
	"strings"
)

// What migrate.py says of tables that are not its image's.
const (
	later   = "which this image's Dagster does not know"
	earlier = "nothing was changed"
)

const unmigrated = "operations.md#when-a-migration-fails"

// Migration judges what migrate.py said last.
func Migration(said string) []Finding {
	switch {
	case strings.Contains(said, later):
		return []Finding{{"The tables are of a later Dagster than the image's", said, "deploy the later image, or restore", "operations.md#roll-back"}}
	case strings.Contains(said, earlier):
		return []Finding{{"The tables are of an earlier Dagster than the image's", said, "pulumi up, which takes a snapshot and migrates", unmigrated}}
	}
	return nil
}

// Schema judges whether the tasks of a family have an image for which the tables were migrated last.
func Schema(family string, images, migrated []string) []Finding {
	others := slices.DeleteFunc(images, func(image string) bool { return slices.Contains(migrated, image) })
	if len(others) == 0 {
		return nil
	}
	return []Finding{{
		fmt.Sprintf("%s has another image than the tables were migrated for", family),
		fmt.Sprintf("it runs %s, migrated was %s", strings.Join(others, ", "), strings.Join(migrated, ", ")),
		"pulumi up, which ended halfway; or roll back", unmigrated,
	}}
}
