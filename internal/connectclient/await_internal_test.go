package connectclient

import (
	"testing"
	"time"
)

// glance is a look at a connector some milliseconds after the first.
type glance struct {
	at     int
	states string // of the connector, then of the tasks: R, P, S, F, U; empty for no status
	want   phase
}

func status(states string) *Status {
	if states == "" {
		return nil
	}
	names := map[byte]State{'R': StateRunning, 'P': StatePaused, 'S': StateStopped, 'F': StateFailed, 'U': StateUnassigned}
	s := &Status{Connector: ConnectorStatus{State: names[states[0]]}}
	for i := 1; i < len(states); i++ {
		s.Tasks = append(s.Tasks, TaskStatus{ID: i - 1, State: names[states[i]]})
	}
	return s
}

func TestConvergence(t *testing.T) {
	for name, test := range map[string]struct {
		want     State
		glances  []glance
		restarts bool
	}{
		"running holds":         {want: StateRunning, glances: []glance{{0, "", underWay}, {10, "RR", underWay}, {109, "RR", underWay}, {110, "RR", reached}}},
		"running without tasks": {want: StateRunning, glances: []glance{{0, "R", underWay}, {100, "R", underWay}, {499, "R", underWay}, {500, "R", reached}}},
		"tasks come late":       {want: StateRunning, glances: []glance{{0, "R", underWay}, {400, "R", underWay}, {450, "RR", underWay}, {549, "RR", underWay}, {550, "RR", reached}}},
		"tasks begin anew while running settles": {want: StateRunning, glances: []glance{
			{0, "RR", underWay}, {50, "RU", underWay}, {60, "RR", underWay}, {150, "RR", underWay}, {160, "RR", reached},
		}},
		"status vanishes":                        {want: StateRunning, glances: []glance{{0, "RR", underWay}, {50, "", underWay}, {100, "RR", underWay}, {200, "RR", reached}}},
		"one task lags":                          {want: StateRunning, glances: []glance{{0, "RRU", underWay}, {500, "RRU", underWay}}},
		"failed holds":                           {want: StateRunning, glances: []glance{{0, "RF", underWay}, {99, "RF", underWay}, {100, "RF", failed}}},
		"connector failed with running tasks":    {want: StateRunning, glances: []glance{{0, "FR", underWay}, {100, "FR", failed}}},
		"failed of before":                       {want: StateRunning, glances: []glance{{0, "RF", underWay}, {50, "RR", underWay}, {149, "RR", underWay}, {150, "RR", reached}}},
		"running of before":                      {want: StateRunning, glances: []glance{{0, "RR", underWay}, {50, "RF", underWay}, {149, "RF", underWay}, {150, "RF", failed}}},
		"paused":                                 {want: StatePaused, glances: []glance{{0, "RR", underWay}, {10, "PR", underWay}, {20, "PP", reached}}},
		"paused without tasks":                   {want: StatePaused, glances: []glance{{0, "P", reached}}},
		"paused with a failed task":              {want: StatePaused, glances: []glance{{0, "PF", underWay}, {100, "PF", failed}}},
		"stopped":                                {want: StateStopped, glances: []glance{{0, "RR", underWay}, {10, "SR", underWay}, {900, "SU", underWay}, {901, "S", reached}}},
		"stopped with a task that failed before": {want: StateStopped, glances: []glance{{0, "SF", underWay}, {500, "SF", underWay}, {501, "S", reached}}},
		"a failed connector does not stop":       {want: StateStopped, glances: []glance{{0, "FR", underWay}, {100, "F", failed}}},
		"restarted late": {want: StateRunning, restarts: true, glances: []glance{
			{0, "RF", underWay}, {400, "RF", underWay}, {450, "RR", underWay}, {550, "RR", reached},
		}},
		"restarted in vain": {want: StateRunning, restarts: true, glances: []glance{
			{0, "RF", underWay}, {50, "RU", underWay}, {60, "RF", underWay}, {160, "RF", failed},
		}},
		"not restarted": {want: StateRunning, restarts: true, glances: []glance{{0, "RF", underWay}, {499, "RF", underWay}, {500, "RF", failed}}},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			v := convergence{want: test.want, settle: 100 * time.Millisecond, restarts: test.restarts}
			for _, g := range test.glances {
				if got := v.observe(start.Add(time.Duration(g.at)*time.Millisecond), status(g.states)); got != g.want {
					t.Fatalf("at %d, %q: got %v, want %v", g.at, g.states, got, g.want)
				}
			}
		})
	}
}
