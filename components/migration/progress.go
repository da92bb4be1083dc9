package migration

import (
	"fmt"
	"time"
)

// progress tells a person what somebody waits for: at each change, and each minute that it lasts.
type progress struct {
	tell          func(string)
	text          string
	since, toldAt time.Time
}

func (p *progress) note(text string) {
	now := time.Now()
	switch {
	case text != p.text:
		p.text, p.since = text, now
		p.tell(text)
	case now.Sub(p.toldAt) >= tellEvery:
		p.tell(fmt.Sprintf("%s, for %s", text, now.Sub(p.since).Round(time.Second)))
	default:
		return
	}
	p.toldAt = now
}
