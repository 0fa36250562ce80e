package session

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Workers records what this run does with worker configurations. Its zero value is empty.
type Workers struct {
	files   keyedmutex.Map
	written names

	mu     sync.Mutex
	groups []workerconfig.Group // of this walk: an apply plans each changed resource again
}

// LockFiles waits until no other resource writes or removes files, and returns a function that ends the lock.
func (w *Workers) LockFiles(ctx context.Context) (unlock func(), err error) {
	return w.files.Lock(ctx, "")
}

// SetWritten records that this run wrote the file.
func (w *Workers) SetWritten(file string) { w.written.add(file) }

// Written reports whether this run wrote the file.
func (w *Workers) Written(file string) bool { return w.written.has(file) }

// AddGroup records a group, and returns its conflicts with the groups that were added before.
func (w *Workers) AddGroup(group workerconfig.Group) (diags diag.Diagnostics) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.groups {
		for _, err := range workerconfig.CheckGroups([]workerconfig.Group{other, group}) {
			diags.AddAttributeError(path.Root("group_id"), "Conflicting worker groups", diagnostics.Sentence(err.Error())+
				"\n\nThe workers of one group share three storage topics. Two groups must not share a topic.")
		}
	}
	w.groups = append(w.groups, group)
	return diags
}
