// Package keyedmutex is a mutex per key whose Lock ends with a context.
package keyedmutex

import (
	"context"
	"sync"
)

// Map holds one mutex per key. Its zero value is ready to use. Mutexes are never removed, so keys must come from a
// small set, such as the names in a configuration.
type Map struct {
	slots sync.Map // key -> chan struct{} of capacity 1, full while locked
}

// Lock locks the mutex of key and returns the function that unlocks it. If ctx ends first, it returns the cause.
func (m *Map) Lock(ctx context.Context, key string) (unlock func(), err error) {
	value, _ := m.slots.LoadOrStore(key, make(chan struct{}, 1))
	slot := value.(chan struct{}) //nolint:forcetypeassert // stored above
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
