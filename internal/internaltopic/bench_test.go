package internaltopic

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkRebuild changes the partition count of a topic with 100 000 live keys of some 300 bytes and a million
// records of history: up, and down again. It reports the seconds that each took, and the most memory in use.
func BenchmarkRebuild(b *testing.B) {
	bootstrap := realBroker(b).Bootstrap()
	for b.Loop() {
		b.StopTimer()
		topic := uniqueName(b)
		want := topicWith(b, bootstrap, topic, fill{partitions: 1, keys: 100_000, history: 1_000_000, pad: 220})
		c := newClient(b, bootstrap)
		spec := Spec{Role: RoleOffset, Name: topic, AllowDeletion: true}
		b.StartTimer()
		measure(b, "grow", func() error {
			return converge(b.Context(), c, orders{Spec: spec, GroupID: "group-of-" + topic})
		})
		spec.Partitions = 5
		measure(b, "shrink", func() error {
			return converge(b.Context(), c, orders{Spec: spec, GroupID: "group-of-" + topic})
		})
		b.StopTimer()
		wantContent(b, bootstrap, topic, 5, want)
		b.ReportMetric(float64(len(want)), "keys")
		b.StartTimer()
	}
}

// measure reports how long do took, and the largest heap that was seen above the one from before.
func measure(b *testing.B, name string, do func() error) {
	b.Helper()
	runtime.GC()
	before := heapInUse()
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most.Store(max(most.Load(), heapInUse()))
			case <-stop:
				return
			}
		}
	}()
	begin := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(begin)
	close(stop)
	<-stopped
	b.ReportMetric(took.Seconds(), name+"-seconds")
	b.ReportMetric(float64(most.Load()-min(most.Load(), before))/(1<<20), name+"-MiB")
}

// heapInUse is what the program holds of the system for its objects.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
