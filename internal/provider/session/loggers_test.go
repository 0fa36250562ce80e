package session

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

func TestKeptLevels(t *testing.T) {
	t.Parallel()
	own := map[string]string{"root": "INFO", "a": "DEBUG", "a.b": "DEBUG", "ab": "INFO", "c": "INFO", "c.d": "ERROR"}
	for name, test := range map[string]struct {
		logger, level string
		declared      map[string]string
		want          map[string]string
	}{
		"followers":       {"c", "WARN", nil, map[string]string{"c.d": "ERROR"}},
		"the root":        {"root", "WARN", nil, map[string]string{"a": "DEBUG", "ab": "WARN", "c.d": "ERROR"}},
		"as kept":         {"root", "ERROR", nil, map[string]string{"a": "DEBUG", "ab": "ERROR"}},
		"a longer name":   {"a", "WARN", nil, map[string]string{"ab": "INFO"}},
		"declared equal":  {"a", "WARN", map[string]string{"a.b": "DEBUG", "c": "OFF"}, map[string]string{"a.b": "DEBUG", "ab": "INFO"}},
		"declared absent": {"c", "WARN", map[string]string{"c.e": "INFO"}, map[string]string{"c.d": "ERROR", "c.e": "INFO"}},
	} {
		got := KeptLevels([]connectclient.WorkerLoggers{{Levels: own}}, test.logger, test.level, test.declared)
		if !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// Whichever of two resources is read and planned first, the apply of the one above knows the level of the one below, or that
// of the one below is planned, too.
func TestLevels_eitherIsCovered(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, run := range map[string]func(*Levels) (below map[string]string, above bool){
		"below first": func(l *Levels) (map[string]string, bool) {
			l.Read("a.b", "DEBUG")
			below := l.Read("a", "DEBUG")
			_, above := l.Plan(ctx, "a", "INFO", true)
			l.Plan(ctx, "a.b", "DEBUG", false)
			return below, above
		},
		"above first": func(l *Levels) (map[string]string, bool) {
			below := l.Read("a", "DEBUG")
			l.Read("a.b", "DEBUG")
			planned := make(chan bool)
			go func() {
				_, above := l.Plan(ctx, "a.b", "DEBUG", false)
				planned <- above
			}()
			l.Plan(ctx, "a", "INFO", true)
			return below, <-planned
		},
	} {
		below, above := run(&Levels{})
		if below["a.b"] != "DEBUG" && !above {
			t.Errorf("%s: a.b is lost", name)
		}
	}
}

// A logger whose read has failed is not planned, so no other plan waits for it.
func TestLevels_notRead(t *testing.T) {
	t.Parallel()
	l := &Levels{}
	l.Read("a", "DEBUG")
	l.Read("a.b", "DEBUG")
	planned := make(chan struct{})
	go func() {
		defer close(planned)
		l.Plan(t.Context(), "a.b", "DEBUG", false)
	}()
	l.NotRead("a")
	select {
	case <-planned:
	case <-time.After(planWait / 2):
		t.Error("the plan of a.b waits for a")
	}
}

func TestLevels_done(t *testing.T) {
	t.Parallel()
	has := func(levels map[string]string) []connectclient.WorkerLoggers {
		return []connectclient.WorkerLoggers{{Levels: levels}, {Err: errors.New("down")}}
	}
	l := &Levels{}
	for _, step := range []struct {
		name, level     string
		kept, has, lost map[string]string
	}{
		{"a", "WARN", map[string]string{"a.b": "DEBUG"}, map[string]string{"root": "INFO", "a": "WARN", "a.b": "DEBUG"}, map[string]string{}},
		{"c", "WARN", nil, map[string]string{"root": "INFO", "a": "WARN", "a.b": "INFO", "c": "WARN"}, map[string]string{"a.b": "DEBUG"}},
		{"c", "WARN", nil, map[string]string{"root": "INFO", "a.b": "DEBUG", "c": "WARN"}, map[string]string{"a": "WARN", "a.b": "DEBUG"}},
		{"root", "WARN", map[string]string{"a.b": "OFF"}, map[string]string{"root": "WARN"}, map[string]string{"a.b": "OFF"}},
	} {
		if got := l.Done(step.name, step.level, step.kept, has(step.has)); !maps.Equal(got, step.lost) {
			t.Errorf("after %s: got %v, want %v", step.name, got, step.lost)
		}
	}
	l.waiting = 1
	if got := l.Done("d", "WARN", nil, has(nil)); len(got) != 0 {
		t.Errorf("got %v while another resource waits", got)
	}
}
