package awsapi

import (
	"fmt"
	"time"
)

// tellEvery is how often a person hears that it goes on.
const tellEvery = time.Minute

// Progress tells a person what somebody waits for: at each change, and each minute that it lasts.
type Progress struct {
	// Tell is given each line; required.
	Tell func(string)

	text          string
	since, toldAt time.Time
}

// Note says how it stands.
func (p *Progress) Note(text string) {
	now := time.Now()
	switch {
	case text != p.text:
		p.text, p.since = text, now
		p.Tell(text)
	case now.Sub(p.toldAt) >= tellEvery:
		p.Tell(fmt.Sprintf("%s, for %s", text, now.Sub(p.since).Round(time.Second)))
	default:
		return
	}
	p.toldAt = now
}
