package connectclient

import (
	"cmp"
	"testing"
	"time"
)

// observation is a status that was read some milliseconds after the first one.
type observation struct {
	at     int
	states string // of the connector, then of the tasks: R, P, S, F, U; empty for no status
	want   phase
}

func status(states string) Status {
	if states == "" {
		return Status{}
	}
	names := map[byte]State{'R': StateRunning, 'P': StatePaused, 'S': StateStopped, 'F': StateFailed, 'U': StateUnassigned}
	s := Status{Connector: ConnectorStatus{State: names[states[0]]}}
	for i := 1; i < len(states); i++ {
		s.Tasks = append(s.Tasks, TaskStatus{ID: i - 1, State: names[states[i]]})
	}
	return s
}

func TestConvergence(t *testing.T) {
	for name, test := range map[string]struct {
		want     State
		series   []observation
		restarts bool
		stable   int // milliseconds; 0 means 100
	}{
		"running holds for longer than failed": {want: StateRunning, stable: 300, series: []observation{
			{0, "RR", underWay}, {299, "RR", underWay}, {300, "RR", reached},
		}},
		"fails while running has to hold": {want: StateRunning, stable: 300, series: []observation{
			{0, "RR", underWay}, {250, "RF", underWay}, {349, "RF", underWay}, {350, "RF", failed},
		}},
		"running without tasks holds for the longer time": {want: StateRunning, stable: 700, series: []observation{
			{0, "R", underWay}, {500, "R", underWay}, {700, "R", reached},
		}},
		"running holds":         {want: StateRunning, series: []observation{{0, "", underWay}, {10, "RR", underWay}, {109, "RR", underWay}, {110, "RR", reached}}},
		"running without tasks": {want: StateRunning, series: []observation{{0, "R", underWay}, {100, "R", underWay}, {499, "R", underWay}, {500, "R", reached}}},
		"tasks come late":       {want: StateRunning, series: []observation{{0, "R", underWay}, {400, "R", underWay}, {450, "RR", underWay}, {549, "RR", underWay}, {550, "RR", reached}}},
		"tasks start again while running settles": {want: StateRunning, series: []observation{
			{0, "RR", underWay}, {50, "RU", underWay}, {60, "RR", underWay}, {150, "RR", underWay}, {160, "RR", reached},
		}},
		"status vanishes":                        {want: StateRunning, series: []observation{{0, "RR", underWay}, {50, "", underWay}, {100, "RR", underWay}, {200, "RR", reached}}},
		"one task lags":                          {want: StateRunning, series: []observation{{0, "RRU", underWay}, {500, "RRU", underWay}}},
		"failed holds":                           {want: StateRunning, series: []observation{{0, "RF", underWay}, {99, "RF", underWay}, {100, "RF", failed}}},
		"connector failed with running tasks":    {want: StateRunning, series: []observation{{0, "FR", underWay}, {100, "FR", failed}}},
		"failed before":                          {want: StateRunning, series: []observation{{0, "RF", underWay}, {50, "RR", underWay}, {149, "RR", underWay}, {150, "RR", reached}}},
		"running before":                         {want: StateRunning, series: []observation{{0, "RR", underWay}, {50, "RF", underWay}, {149, "RF", underWay}, {150, "RF", failed}}},
		"paused":                                 {want: StatePaused, series: []observation{{0, "RR", underWay}, {10, "PR", underWay}, {20, "PP", reached}}},
		"paused without tasks":                   {want: StatePaused, series: []observation{{0, "P", reached}}},
		"paused with a failed task":              {want: StatePaused, series: []observation{{0, "PF", underWay}, {100, "PF", failed}}},
		"stopped":                                {want: StateStopped, series: []observation{{0, "RR", underWay}, {10, "SR", underWay}, {900, "SU", underWay}, {901, "S", reached}}},
		"stopped after it failed":                {want: StateStopped, series: []observation{{0, "FR", underWay}, {500, "FR", underWay}, {510, "F", underWay}, {609, "F", underWay}, {610, "F", failed}}},
		"stopped with a task that failed before": {want: StateStopped, series: []observation{{0, "SF", underWay}, {500, "SF", underWay}, {501, "S", reached}}},
		"a failed connector does not stop":       {want: StateStopped, series: []observation{{0, "FR", underWay}, {100, "F", underWay}, {200, "F", failed}}},
		"restarted late": {want: StateRunning, restarts: true, series: []observation{
			{0, "RF", underWay}, {400, "RF", underWay}, {450, "RR", underWay}, {550, "RR", reached},
		}},
		"restarted in vain": {want: StateRunning, restarts: true, series: []observation{
			{0, "RF", underWay}, {50, "RU", underWay}, {60, "RF", underWay}, {160, "RF", failed},
		}},
		"not restarted": {want: StateRunning, restarts: true, series: []observation{{0, "RF", underWay}, {499, "RF", underWay}, {500, "RF", failed}}},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			stable := time.Duration(cmp.Or(test.stable, 100)) * time.Millisecond
			v := convergence{want: test.want, settle: 100 * time.Millisecond, stable: stable, restarts: test.restarts}
			for _, g := range test.series {
				if got := v.observe(start.Add(time.Duration(g.at)*time.Millisecond), status(g.states)); got != g.want {
					t.Fatalf("at %d, %q: got %v, want %v", g.at, g.states, got, g.want)
				}
			}
		})
	}
}
