package logger

import (
	"context"
	"maps"
	"slices"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// change is a change of a level.
type change struct {
	name, level string
	restores    bool              // a destroy; without a level, it sets that of the logger above
	below       map[string]string // levels that the plan has noted for loggers below
}

// changed is the result of a change.
type changed struct {
	original      string                        // the own level before this run
	before, after []connectclient.WorkerLoggers // nil if no worker answered
}

// list returns the loggers of the workers, among them the named one, while Terraform plans. One list serves a run.
func (r *Resource) list(ctx context.Context, client *connectclient.Client, name string) (list []connectclient.WorkerLoggers, err error) {
	err = r.Ask(ctx, client, func(ctx context.Context) (err error) {
		if list, err = r.Levels.List(ctx, client); err == nil {
			list, err = client.FindLogger(ctx, list, name)
		}
		return err
	})
	return list, err
}

// set sets the level of a logger and keeps those of the loggers below that have levels of their own. One resource after the
// other does so: a change of one logger may touch another.
func (r *Resource) set(ctx context.Context, client *connectclient.Client, want change) (done changed, err error) {
	unlock, err := r.Levels.Lock(ctx)
	if err != nil {
		return done, err
	}
	defer unlock()
	before, err := client.Loggers(ctx, connectclient.Lineage(want.name)...)
	if err != nil {
		return done, err
	}
	done.original = r.Levels.Found(before, want.name)
	if want.restores && want.level == "" {
		first := slices.IndexFunc(before, func(w connectclient.WorkerLoggers) bool { return w.Err == nil })
		want.level = before[first].Inherited(want.name)
	}
	below := r.Levels.Below(want.name, want.below)
	done.before, done.after = before, before
	kept := session.KeptLevels(before, want.name, want.level, below)
	after, err := client.SetLogger(ctx, want.name, want.level, kept)
	if err == nil {
		err = r.restoreLost(ctx, client, r.Levels.Done(want.name, want.level, kept, after))
	}
	if err != nil {
		readCtx, cancel := session.AfterDeadline(ctx)
		defer cancel()
		if after, readErr := client.Loggers(readCtx, want.name); readErr == nil {
			done.after = after
		}
		return done, err
	}
	done.after = after
	if want.restores {
		r.Levels.Restored(want.name, want.level)
	}
	return done, nil
}

// restoreLost sets levels again that the workers do not list. If a worker has one of them nevertheless, as it may have OFF, nothing is sent.
func (r *Resource) restoreLost(ctx context.Context, client *connectclient.Client, lost map[string]string) error {
	if len(lost) == 0 {
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(lost)))
	if _, ok := lost[connectclient.RootLogger]; ok {
		first = connectclient.RootLogger // it covers the others
	}
	level := lost[first]
	delete(lost, first)
	_, err := client.SetLogger(ctx, first, level, lost)
	return err
}
