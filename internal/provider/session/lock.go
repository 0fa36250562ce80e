package session

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// keyedMutex is a mutex for each key, whose waits end with their context. Its zero value is unlocked.
type keyedMutex struct {
	locks sync.Map // string -> *semaphore.Weighted
}

// lock waits for the mutex of the key and returns what unlocks it.
func (m *keyedMutex) lock(ctx context.Context, key string) (unlock func(), err error) {
	value, _ := m.locks.LoadOrStore(key, semaphore.NewWeighted(1))
	lock := value.(*semaphore.Weighted) //nolint:forcetypeassert // stored above
	if err := lock.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { lock.Release(1) }, nil
}
