package session

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

// Levels is what this run knows about the levels of loggers in one cluster. Its zero value is empty.
//
// A worker that sets the level of a logger also sets the levels of the loggers below. So the provider then sets the levels of
// those again that other resources declare. It knows the levels of resources that change in the same apply. Of resources that do
// not change, Terraform passes nothing in an apply, so the plan notes them:
//
//   - If Terraform reads the resource below first, the resource above stores the level of the one below in private state.
//   - If Terraform reads the resource above first, the plan of the resource below waits for the plan of the one above. If that one
//     changes, the resource below shows a change, too, and Terraform applies both.
type Levels struct {
	changes keyedmutex.Map
	listing OncePer[struct{}, listedLoggers]

	mu       sync.Mutex
	read     map[string]string             // by the resources that were read so far: their levels
	planned  map[string]bool               // loggers whose resources were planned
	next     chan struct{}                 // closed when the next one is planned
	declared map[string]string             // by the resources that were planned so far: their levels
	changing map[string]bool               // loggers whose level this run changes
	restored map[string]bool               // loggers whose level this run has restored
	wanted   map[string]string             // levels that this run has set, or set again below a logger that it changed
	waiting  int                           // resources that wait for Lock
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
func (l *Levels) Lock(ctx context.Context) (unlock func(), err error) {
	l.await(1)
	defer l.await(-1)
	return l.changes.Lock(ctx, "")
}

func (l *Levels) await(more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += more
}

// Done notes that the workers have the level of a logger, and the levels kept below it. If no other resource waits to change
// a level, it returns all levels that this run has set and that the list does not show. A worker may have executed a request
// late, and have overwritten them.
func (l *Levels) Done(name, level string, kept map[string]string, list []connectclient.WorkerLoggers) (lost map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wanted == nil {
		l.wanted = map[string]string{}
	}
	maps.DeleteFunc(l.wanted, func(other, _ string) bool { return connectclient.Covers(name, other) })
	l.wanted[name] = level
	maps.Copy(l.wanted, kept)
	if l.waiting > 0 {
		return nil
	}
	lost = map[string]string{}
	for other, level := range l.wanted {
		if slices.ContainsFunc(list, func(w connectclient.WorkerLoggers) bool { return w.Err == nil && w.Level(other) != level }) {
			lost[other] = level
			maps.Copy(lost, covered(other, l.wanted))
		}
	}
	return lost
}

// planWait bounds the wait for the plan of a logger above. Terraform plans a resource as soon as it has read it, unless the
// read fails (see [Levels.NotRead]), the configuration is not valid, or the run is interrupted.
const planWait = 15 * time.Second

// NotRead notes that the read of a logger has failed, so it will not be planned.
func (l *Levels) NotRead(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.read, name)
	l.wake()
}

// wake ends the waits for the next plan.
func (l *Levels) wake() {
	if l.next != nil {
		close(l.next)
		l.next = nil
	}
}

// Read notes the level of a logger in the state. It returns those of the loggers below that were read before.
func (l *Levels) Read(name, level string) (below map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	below = covered(name, l.read)
	if l.read == nil {
		l.read = map[string]string{}
	}
	l.read[name] = level
	return below
}

// Plan notes the planned level of a logger, empty if it is unknown or if the plan destroys the resource, and whether this run
// changes it. It returns the levels of loggers below whose plans do not change them, and whether the level of a logger above
// changes.
func (l *Levels) Plan(ctx context.Context, name, level string, changes bool) (below map[string]string, above bool) {
	l.awaitAbove(ctx, name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.declared == nil {
		l.declared, l.planned = map[string]string{}, map[string]bool{}
	}
	if l.changing == nil {
		l.changing = map[string]bool{}
	}
	for other := range l.changing {
		above = above || connectclient.Covers(other, name)
	}
	if l.declared[name] = level; level == "" {
		delete(l.declared, name)
	}
	if l.planned[name] = true; changes {
		l.changing[name] = true
	}
	l.wake()
	below = covered(name, l.declared)
	maps.DeleteFunc(below, func(other, _ string) bool { return l.changing[other] })
	return below, above
}

// awaitAbove waits until the loggers above that were read are planned.
func (l *Levels) awaitAbove(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, planWait)
	defer cancel()
	for ctx.Err() == nil {
		l.mu.Lock()
		var next chan struct{}
		for other := range l.read {
			if connectclient.Covers(other, name) && !l.planned[other] {
				if l.next == nil {
					l.next = make(chan struct{})
				}
				next = l.next
			}
		}
		l.mu.Unlock()
		if next == nil {
			return
		}
		select {
		case <-next:
		case <-ctx.Done():
		}
	}
}

// Below notes that this run changes the level of a logger now. It returns the levels of the loggers below: those in noted, which
// [Levels.Read] has returned in the plan, unless this run has restored them, and those that were planned in this run.
func (l *Levels) Below(name string, noted map[string]string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changing == nil {
		l.changing = map[string]bool{}
	}
	l.changing[name] = true
	below := covered(name, noted)
	maps.DeleteFunc(below, func(other, _ string) bool { return l.restored[other] })
	maps.Copy(below, covered(name, l.declared))
	return below
}

// covered returns the known levels of the loggers that a logger covers.
func covered(name string, levels map[string]string) map[string]string {
	below := map[string]string{}
	for other, level := range levels {
		if level != "" && connectclient.Covers(name, other) {
			below[other] = level
		}
	}
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
	if l.restored == nil {
		l.restored = map[string]bool{}
	}
	l.restored[name] = true
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
			if follows {
				own = level
			}
			if _, known := wanted[other]; connectclient.Covers(name, other) && !known {
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
