package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestNoTerraform(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dependency := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(dependency, "github.com/hashicorp/terraform-plugin") {
			t.Errorf("the package depends on %s", dependency)
		}
	}
}

func TestShrinkStateNext(t *testing.T) {
	original, other := TopicID{1}, TopicID{2}
	topic := func(id TopicID, partitions int, locked bool) *Topic {
		out := held(partitions, 1)
		if locked {
			out = lockedTopic(partitions)
		}
		out.ID = id
		return out
	}
	copied := func(complete bool) *shrinkCopy {
		c := &shrinkCopy{topic: lockedTopic(2)}
		if complete {
			c.mark = &copyMark{Source: original.String()}
		}
		return c
	}
	for name, c := range map[string]struct {
		state shrinkState
		want  shrinkAction
		err   error
	}{
		"nothing to do":                   {shrinkState{topic: topic(original, 2, false)}, shrinkDone, nil},
		"not begun":                       {shrinkState{topic: topic(original, 9, false)}, shrinkCopyTopic, nil},
		"locked":                          {shrinkState{topic: topic(original, 9, true)}, shrinkCopyTopic, nil},
		"copy begun":                      {shrinkState{topic: topic(original, 9, true), copy: copied(false)}, shrinkCopyTopic, nil},
		"copy complete":                   {shrinkState{topic: topic(original, 9, true), copy: copied(true)}, shrinkCopyTopic, nil},
		"copy complete, unlocked by hand": {shrinkState{topic: topic(original, 9, false), copy: copied(true)}, shrinkCopyTopic, nil},
		"wanted count went back up":       {shrinkState{topic: topic(original, 2, true), copy: copied(true)}, shrinkDropCopy, nil},
		"incomplete copy, no need of it":  {shrinkState{topic: topic(original, 2, true), copy: copied(false)}, shrinkDropCopy, nil},
		"original deleted":                {shrinkState{copy: copied(true)}, shrinkCreate, nil},
		"created":                         {shrinkState{topic: topic(other, 2, true), copy: copied(true)}, shrinkFill, nil},
		"created with another count":      {shrinkState{topic: topic(other, 5, true), copy: copied(true)}, shrinkFill, nil},
		"a worker created it":             {shrinkState{topic: topic(other, 25, false), copy: copied(true)}, shrinkDropEmpty, nil},
		"a worker created it as wanted":   {shrinkState{topic: topic(other, 2, false), copy: copied(true)}, shrinkDropEmpty, nil},
		"copy deleted, still locked":      {shrinkState{topic: topic(other, 2, true)}, shrinkGrow, nil},
		"fewer than wanted":               {shrinkState{topic: topic(other, 1, false)}, shrinkGrow, nil},
		"original and content gone":       {shrinkState{copy: copied(false)}, "", errContentLost},
		"original gone, there is no copy": {shrinkState{}, "", errContentLost},
	} {
		t.Run(name, func(t *testing.T) {
			c.state.want = 2
			got, err := c.state.next()
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("want %q and %v, got %q and %v", c.want, c.err, got, err)
			}
		})
	}
}

func TestAssign(t *testing.T) {
	racks := func(names ...string) []Broker {
		var out []Broker
		for i, n := range names {
			out = append(out, Broker{ID: int32(i + 1), Rack: n})
		}
		return out
	}
	for name, c := range map[string]struct {
		replicas [][]int32
		brokers  []Broker
		factor   int
		want     [][]int32
	}{
		"nothing to do":              {[][]int32{{1, 2}, {2, 3}}, racks("", "", ""), 2, [][]int32{{1, 2}, {2, 3}}},
		"evenly up":                  {[][]int32{{1}, {1}, {1}}, racks("", "", ""), 2, [][]int32{{1, 2}, {1, 3}, {1, 2}}},
		"all up":                     {[][]int32{{1}, {3}}, racks("", "", ""), 3, [][]int32{{1, 2, 3}, {3, 1, 2}}},
		"other racks first":          {[][]int32{{1}, {3}}, racks("a", "a", "b", "b"), 2, [][]int32{{1, 4}, {3, 2}}},
		"two of three in two racks":  {[][]int32{{1}}, racks("a", "a", "b"), 3, [][]int32{{1, 3, 2}}},
		"down keeps the leader":      {[][]int32{{3, 1, 2}, {2, 1, 3}}, racks("", "", ""), 1, [][]int32{{3}, {2}}},
		"down drops the double rack": {[][]int32{{1, 2, 3}}, racks("a", "a", "b"), 2, [][]int32{{1, 3}}},
		"down drops the dead":        {[][]int32{{9, 1, 2}}, racks("", ""), 2, [][]int32{{1, 2}}},
		"up leaves the dead":         {[][]int32{{9}}, racks("", ""), 2, [][]int32{{9, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprint(c.replicas)
			got, err := assign(c.replicas, c.brokers, c.factor)
			if err != nil || !slices.EqualFunc(got, c.want, slices.Equal) {
				t.Errorf("want %v, got %v, %v", c.want, got, err)
			}
			if fmt.Sprint(c.replicas) != before {
				t.Error("the input was changed")
			}
		})
	}
	if _, err := assign([][]int32{{1}}, racks("", ""), 3); err == nil {
		t.Error("3 replicas on 2 brokers are no error")
	}
}

// Values of org.apache.kafka.common.utils.Utils.murmur2, from Kafka's own UtilsTest.
func TestPartitionIsKafkas(t *testing.T) {
	for key, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		for _, partitions := range []int{1, 5, 25, math.MaxInt32} { // with the last, the partition is nearly the hash
			if got, want := partitionOf(key, partitions), (want&math.MaxInt32)%int32(partitions); got != want {
				t.Errorf("%q is in partition %d of %d, not %d", key, got, partitions, want)
			}
		}
	}
}

func TestLiveMap(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	home := partitionOf("key", 3)
	other, third := (home+1)%3, (home+2)%3
	record := func(partition int32, offset, second int, value string) *kgo.Record {
		r := kgo.KeyStringRecord("key", value)
		r.Partition, r.Offset, r.Timestamp = partition, int64(offset), at(second)
		if value == "" {
			r.Value = nil
		}
		return r
	}
	for name, c := range map[string]struct {
		records []*kgo.Record
		want    string
		split   int
	}{
		"one":                            {[]*kgo.Record{record(home, 0, 1, "a")}, "a", 0},
		"the later offset":               {[]*kgo.Record{record(home, 0, 2, "a"), record(home, 1, 1, "b")}, "b", 0},
		"deleted":                        {[]*kgo.Record{record(home, 0, 1, "a"), record(home, 1, 2, "")}, "", 0},
		"back again":                     {[]*kgo.Record{record(home, 0, 1, ""), record(home, 1, 2, "b")}, "b", 0},
		"newer wins over home":           {[]*kgo.Record{record(home, 0, 1, "a"), record(other, 0, 2, "b")}, "b", 1},
		"newer wins over home, reversed": {[]*kgo.Record{record(other, 0, 2, "b"), record(home, 0, 1, "a")}, "b", 1},
		"home wins among equals":         {[]*kgo.Record{record(other, 0, 1, "b"), record(home, 0, 1, "a")}, "a", 1},
		"newer tombstone wins":           {[]*kgo.Record{record(other, 0, 1, "b"), record(home, 0, 2, "")}, "", 1},
		"older tombstone loses":          {[]*kgo.Record{record(home, 0, 1, ""), record(other, 0, 2, "b")}, "b", 1},
		"the last of each partition":     {[]*kgo.Record{record(home, 0, 3, "a"), record(other, 0, 2, "b"), record(home, 1, 1, "c")}, "b", 1},
		"newest of three":                {[]*kgo.Record{record(other, 0, 2, "a"), record(third, 0, 3, "b"), record(home, 0, 1, "c")}, "b", 1},
		"no key":                         {[]*kgo.Record{{Value: []byte("x")}}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			reader := newLiveReader(make(offsetRanges, 3))
			for _, r := range c.records {
				reader.add(r)
			}
			read := reader.finish()
			if got := string(read.live["key"].value); got != c.want || read.split != c.split {
				t.Errorf("want %q with %d split keys, got %q with %d", c.want, c.split, got, read.split)
			}
			if c.want == "" && len(read.live) != 0 {
				t.Errorf("%d keys are left", len(read.live))
			}
		})
	}
}

// Only an answer to the request itself tells that it has no effect.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a refusal":                  {fmt.Errorf("add partitions: %w", kerr.TopicAuthorizationFailed), true},
		"a policy":                   {kerr.PolicyViolation, true},
		"a retriable answer":         {kerr.RequestTimedOut, false},
		"a broker that is confused":  {kerr.UnknownServerError, false},
		"done by an earlier attempt": {kerr.InvalidPartitions, false},
		"no answer":                  {context.Canceled, false},
		"a lost lock":                {errors.Join(fmt.Errorf("%w: %w", errLockLost, kerr.UnknownMemberID), context.Canceled), false},
	} {
		if got := refused(c.err); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestLiveMapOrderAndDigest(t *testing.T) {
	live := liveMap{}
	put := func(key string, partition int32, offset, second int64) {
		live[key] = liveRecord{value: []byte("v"), partition: partition, offset: offset, timestamp: time.Unix(second, 0)}
	}
	put("a", 0, 5, 10)
	put("b", 0, 6, 1) // older, but behind a: the offset counts
	put("c", 1, 0, 5)
	put("d", 1, 1, 20)
	put("e", 2, 0, 11)
	if got := strings.Join(live.inOrder(), ""); got != "cabed" {
		t.Errorf("the order is %s", got)
	}
	if got := live.inOrder(); len(got) != len(live) {
		t.Errorf("%d of %d keys", len(got), len(live))
	}
	before := live.digest()
	moved := maps.Clone(live)
	moved["a"] = liveRecord{value: []byte("v"), partition: 7}
	if moved.digest() != before {
		t.Error("the place of a record changes the digest")
	}
	moved["a"] = liveRecord{value: []byte("w")}
	if moved.digest() == before {
		t.Error("the value of a record does not change the digest")
	}
	if (liveMap{"ab": {value: []byte("c")}}).digest() == (liveMap{"a": {value: []byte("bc")}}).digest() {
		t.Error("key and value run into each other")
	}
}
