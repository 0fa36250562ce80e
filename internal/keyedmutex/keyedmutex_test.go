package keyedmutex_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

func TestLockExcludesCallersOfOneKey(t *testing.T) {
	t.Parallel()
	var (
		m       keyedmutex.Map
		wait    sync.WaitGroup
		counter int
	)
	for range 50 {
		wait.Go(func() {
			unlock, err := m.Lock(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			counter++
		})
	}
	wait.Wait()
	if counter != 50 {
		t.Errorf("counted %d", counter)
	}
}

func TestLockEndsWithItsContext(t *testing.T) {
	t.Parallel()
	var m keyedmutex.Map
	unlock, err := m.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := m.Lock(t.Context(), "b")
	if err != nil {
		t.Fatalf("another key is locked, too: %v", err)
	}
	other()
	why := errors.New("too late")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := m.Lock(ctx, "a"); !errors.Is(err, why) {
		t.Errorf("want the cause of the context, got %v", err)
	}
	unlock()
	if _, err := m.Lock(t.Context(), "a"); err != nil {
		t.Errorf("the mutex is not unlocked: %v", err)
	}
}
