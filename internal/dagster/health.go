package dagster

import (
	"context"
	"fmt"
)

// Daemon is the state of one of the daemon process's duties. LastHeartbeat is in seconds since 1970, 0 for never.
type Daemon struct {
	Type          string  `json:"daemonType"`
	Required      bool    `json:"required"`
	Healthy       bool    `json:"healthy"`
	LastHeartbeat float64 `json:"lastHeartbeatTime"`
}

// Daemons answers the state of every duty. Dagster calls one healthy up to its heartbeat tolerance after the last
// beat: compare LastHeartbeat with the time.
func (c *Client) Daemons(ctx context.Context) ([]Daemon, error) {
	var data struct {
		Instance struct {
			Health struct {
				Statuses []Daemon `json:"allDaemonStatuses"`
			} `json:"daemonHealth"`
		}
	}
	err := c.query(ctx, `{ instance { daemonHealth { allDaemonStatuses {
		daemonType required healthy lastHeartbeatTime } } } }`, nil, &data)
	if err != nil {
		return nil, fmt.Errorf("ask for the daemon's health: %w", err)
	}
	return data.Instance.Health.Statuses, nil
}

// Unhealthy names the required duties that are not healthy.
func Unhealthy(daemons []Daemon) []string {
	var names []string
	for _, d := range daemons {
		if d.Required && !d.Healthy {
			names = append(names, d.Type)
		}
	}
	return names
}
