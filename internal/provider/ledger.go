package provider

import (
	"sync"
	"sync/atomic"
)

// ledger is what this process knows about connectors beyond state. Terraform starts a process for every walk (a plan,
// an apply), so a ledger is as old as the walk.
//
// It exists because Terraform taints whatever a failed create saved, and replaces it at the next apply: a delete and a
// create of the same connector, whether that is protected from deletion or not. Together with marks in private state
// the ledger lets the resource carry out that replacement in place:
//
//	plan walk:  Read sees createFailedKey in private state      -> failed
//	            ModifyPlan without prior state, name in failed  -> keepKey in the planned private data
//	apply walk: Delete sees keepKey, sends nothing              -> kept
//	            Create, name in kept                            -> converges what is there
//
// A destroy carries what its own ModifyPlan planned, which never has keepKey; nor has the replacement of a healthy
// connector that the user asked for. Both delete. With create_before_destroy the create half comes first: it adopts
// the connector, and Delete spares what is in owned.
type ledger struct {
	failed nameSet // left by a create that failed after the connector existed
	kept   nameSet // spared by the delete half of a replacement, for its create half
	owned  nameSet // created or adopted by this very process, so never to be deleted by it

	locks sync.Map // name -> *sync.Mutex

	validations validations

	// applying tells that this walk is an apply. What it plans once more, the plan has validated, and the worker will when
	// it gets it.
	applying atomic.Bool
}

// alone waits until no other resource creates or deletes the connector, and holds them off until the returned function is
// called. One whose resource was renamed is deleted by one resource and created by another at the same time.
func (l *ledger) alone(name string) (release func()) {
	lock, _ := l.locks.LoadOrStore(name, new(sync.Mutex))
	mutex := lock.(*sync.Mutex) //nolint:forcetypeassert // stored above
	mutex.Lock()
	return mutex.Unlock
}

// nameSet is a set of connector names, safe for concurrent use. Its zero value is empty.
type nameSet struct {
	names sync.Map
}

func (s *nameSet) add(name string) { s.names.Store(name, true) }

func (s *nameSet) has(name string) bool {
	_, ok := s.names.Load(name)
	return ok
}
