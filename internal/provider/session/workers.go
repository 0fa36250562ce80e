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

	declared sync.Map // file -> what declares it, as Terraform validates the configuration again in this walk
	kept     names    // files in the state that the same resource still declares
	removed  names    // files in the state that the plan removes

	mu     sync.Mutex
	groups []workerconfig.Group // of this walk: an apply plans each changed resource again
}

// LockFiles waits until no other resource writes or removes files, and returns a function that ends the lock.
func (w *Workers) LockFiles(ctx context.Context) (unlock func(), err error) {
	return w.files.Lock(ctx, "")
}

// DeclareFile records that a resource of the configuration writes the file, and what to call the resource. If another resource
// has declared the file already, it returns what to call that one. Like [Objects.Declare], it relies on one validation of each
// resource in a walk.
func (w *Workers) DeclareFile(file, by string) (other string, taken bool) {
	value, taken := w.declared.LoadOrStore(file, by)
	return value.(string), taken //nolint:forcetypeassert // stored above
}

// KeepFile records that a resource that has written the file still declares it. It reports whether the plan removes the file with
// another resource.
func (w *Workers) KeepFile(file string) (conflict bool) {
	w.kept.add(file)
	return w.removed.has(file)
}

// RemoveFile records that the plan removes the file. It reports whether another resource that has written it still declares it.
func (w *Workers) RemoveFile(file string) (conflict bool) {
	w.removed.add(file)
	return w.kept.has(file)
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
