package main

import "fmt"

// union is an answer that may be an error instead.
type union struct {
	Typename string `json:"__typename"`
	Message  string
}

func (u union) err() error {
	switch u.Typename {
	case "Runs", "Workspace", "PartitionBackfills":
		return nil
	}
	return fmt.Errorf("%s: %.300s", u.Typename, u.Message)
}

// runs are the runs of a filter: how many, and some of them.
type runs struct {
	union
	Count   int
	Results []run
}

// first is the smallest of the times of the runs, without those that are not known; 0 without any.
func (r runs) first(of func(run) float64) float64 {
	first := 0.0
	for _, each := range r.Results {
		if then := of(each); then > 0 && (first == 0 || then < first) {
			first = then
		}
	}
	return first
}

// workspace are the code locations.
type workspace struct {
	union
	LocationEntries []struct {
		Name                string
		LocationOrLoadError *union
	}
}

// failed are the names of those that do not load. One that is still loading has not failed.
func (w workspace) failed() []string {
	names := []string{}
	for _, each := range w.LocationEntries {
		if each.LocationOrLoadError != nil && each.LocationOrLoadError.Typename != "RepositoryLocation" {
			names = append(names, each.Name)
		}
	}
	return names
}

// backfills are those that have not ended.
type backfills struct {
	union
	Results []struct {
		ID             string
		UnfinishedRuns []struct{}
	}
}

// stuck are the ids of those of which no run is under way.
func (b backfills) stuck() []string {
	ids := []string{}
	for _, each := range b.Results {
		if len(each.UnfinishedRuns) == 0 {
			ids = append(ids, each.ID)
		}
	}
	return ids
}
