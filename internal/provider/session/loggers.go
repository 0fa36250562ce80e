package session

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

// Levels is what this run knows about the levels of loggers in one cluster. Its zero value is empty.
//
// Workers that set the level of a logger set that of the loggers below, too. So a change of one resource would undo others. The
// provider sets the levels of these others again. It must know them all: those that change in the same apply, and those that
// do not, of which Terraform tells nothing in an apply. Of two resources, one is planned first. If that is the logger above, the
// plan of the one below shows a change, so that Terraform applies it. Otherwise private state keeps the level of the one below
// for the apply.
type Levels struct {
	changes keyedmutex.Map
	listing OncePer[struct{}, listedLoggers]

	mu       sync.Mutex
	declared map[string]string             // by the resources that were planned so far: their levels
	changing map[string]bool               // loggers whose level this run changes
	found    []connectclient.WorkerLoggers // what the workers had before this run changed anything
}

type listedLoggers struct {
	list []connectclient.WorkerLoggers
	err  error
}

// List returns the loggers of all workers. It asks once in a run, so it is for reads before any change.
func (l *Levels) List(ctx context.Context, client *connectclient.Client) ([]connectclient.WorkerLoggers, error) {
	got := l.listing.Do(struct{}{}, func() listedLoggers {
		list, err := client.Loggers(ctx)
		return listedLoggers{list, err}
	})
	return got.list, got.err
}

// Lock waits until no other resource changes a level, and returns a function that ends the lock.
func (l *Levels) Lock(ctx context.Context) (unlock func(), err error) { return l.changes.Lock(ctx, "") }

// Plan notes the planned level of a logger, empty if it is unknown or if the plan destroys the resource, and whether this run changes it. It
// returns the levels that were noted for loggers below, and whether the level of a logger above changes.
func (l *Levels) Plan(name, level string, changes bool) (below map[string]string, above bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.declared == nil {
		l.declared, l.changing = map[string]string{}, map[string]bool{}
	}
	for other := range l.changing {
		above = above || connectclient.Covers(other, name)
	}
	if level != "" {
		l.declared[name] = level
	} else {
		delete(l.declared, name)
	}
	if changes {
		l.changing[name] = true
	}
	return l.below(name), above
}

// Below returns the levels that were noted for the loggers below one.
func (l *Levels) Below(name string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.below(name)
}

func (l *Levels) below(name string) map[string]string {
	below := maps.Clone(l.declared)
	maps.DeleteFunc(below, func(other, _ string) bool { return !connectclient.Covers(name, other) })
	return below
}

// Found keeps the loggers that the workers have, unless this run has kept them before. It returns the own level that a
// logger had then on the first worker that answered, or "" for none.
func (l *Levels) Found(list []connectclient.WorkerLoggers, name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.found == nil {
		for _, w := range list {
			w.Levels = maps.Clone(w.Levels)
			l.found = append(l.found, w)
		}
	}
	if first := slices.IndexFunc(l.found, func(w connectclient.WorkerLoggers) bool { return w.Err == nil }); first >= 0 {
		return l.found[first].Own(name)
	}
	return ""
}

// Restored notes that this run has restored the level that a logger had before Terraform managed it.
func (l *Levels) Restored(name, level string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.declared, name)
	for _, w := range l.found {
		if w.Err == nil {
			w.Levels[name] = level
		}
	}
}

// KeptLevels returns the levels to set again when a logger gets a level: those in declared, and those of loggers that do not
// inherit from this one. Loggers that had the same level as this one follow it.
func KeptLevels(list []connectclient.WorkerLoggers, name, level string, declared map[string]string) map[string]string {
	wanted := map[string]string{}
	for _, w := range list {
		for other, own := range w.Levels {
			follows := own == w.Level(name) && (name == connectclient.RootLogger || strings.HasPrefix(other, name+"."))
			if _, known := wanted[other]; connectclient.Covers(name, other) && !follows && !known {
				wanted[other] = own
			}
		}
	}
	for other, own := range declared {
		if connectclient.Covers(name, other) {
			wanted[other] = own
		}
	}
	kept := map[string]string{}
	for _, other := range slices.Sorted(maps.Keys(wanted)) {
		after := level // what the loggers before this one in the order leave it with
		for _, earlier := range slices.Sorted(maps.Keys(kept)) {
			if connectclient.Covers(earlier, other) {
				after = kept[earlier]
			}
		}
		if _, always := declared[other]; always || after != wanted[other] {
			kept[other] = wanted[other]
		}
	}
	return kept
}
