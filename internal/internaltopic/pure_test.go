package internaltopic

import (
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestSceneNext(t *testing.T) {
	original, other := TopicID{1}, TopicID{2}
	topic := func(id TopicID, partitions int, locked bool) *Topic {
		out := held(partitions, 1)
		if locked {
			out = lockedTopic(partitions)
		}
		out.ID = id
		return out
	}
	copied := func(complete bool) *rebuildCopy {
		c := &rebuildCopy{topic: lockedTopic(2)}
		if complete {
			c.mark = &mark{Source: original.String()}
		}
		return c
	}
	for name, c := range map[string]struct {
		scene scene
		want  move
		err   error
	}{
		"nothing to do":                   {scene{topic: topic(original, 2, false)}, moveNone, nil},
		"not begun":                       {scene{topic: topic(original, 9, false)}, moveCopy, nil},
		"locked":                          {scene{topic: topic(original, 9, true)}, moveCopy, nil},
		"copy begun":                      {scene{topic: topic(original, 9, true), copy: copied(false)}, moveCopy, nil},
		"copy complete":                   {scene{topic: topic(original, 9, true), copy: copied(true)}, moveCopy, nil},
		"copy complete, unlocked by hand": {scene{topic: topic(original, 9, false), copy: copied(true)}, moveCopy, nil},
		"wanted count went back up":       {scene{topic: topic(original, 2, true), copy: copied(true)}, moveDropCopy, nil},
		"incomplete copy, no need of it":  {scene{topic: topic(original, 2, true), copy: copied(false)}, moveDropCopy, nil},
		"original deleted":                {scene{copy: copied(true)}, moveCreate, nil},
		"created":                         {scene{topic: topic(other, 2, true), copy: copied(true)}, moveFill, nil},
		"created with another count":      {scene{topic: topic(other, 5, true), copy: copied(true)}, moveFill, nil},
		"a worker created it":             {scene{topic: topic(other, 25, false), copy: copied(true)}, moveDropIntrud, nil},
		"a worker created it as wanted":   {scene{topic: topic(other, 2, false), copy: copied(true)}, moveDropIntrud, nil},
		"copy deleted, still locked":      {scene{topic: topic(other, 2, true)}, moveGrow, nil},
		"fewer than wanted":               {scene{topic: topic(other, 1, false)}, moveGrow, nil},
		"original and content gone":       {scene{copy: copied(false)}, "", errContentGone},
		"original gone, there is no copy": {scene{}, "", errContentGone},
	} {
		t.Run(name, func(t *testing.T) {
			c.scene.want = 2
			got, err := c.scene.next()
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
func TestMurmur2IsKafkas(t *testing.T) {
	for key, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2(key)); got != want {
			t.Errorf("murmur2(%q) is %d, not %d", key, got, want)
		}
	}
	hasher := kgo.StickyKeyPartitioner(nil).ForTopic("")
	for i := range 2000 {
		key := strings.Repeat("é", i%7) + fmt.Sprint(i)
		if got, want := int(partitionOf(key, 25)), hasher.Partition(kgo.KeyStringRecord(key, ""), 25); got != want {
			t.Fatalf("partition of %q is %d, not %d", key, got, want)
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
		"home wins over newer":           {[]*kgo.Record{record(home, 0, 1, "a"), record(other, 0, 2, "b")}, "a", 1},
		"home wins over newer, reversed": {[]*kgo.Record{record(other, 0, 2, "b"), record(home, 0, 1, "a")}, "a", 1},
		"home's tombstone wins":          {[]*kgo.Record{record(home, 0, 2, ""), record(other, 0, 1, "b")}, "", 1},
		"newest of two strangers":        {[]*kgo.Record{record(other, 0, 2, "a"), record(third, 0, 1, "b")}, "a", 1},
		"newest of two, reversed":        {[]*kgo.Record{record(third, 0, 1, "b"), record(other, 0, 2, "a")}, "a", 1},
		"no key":                         {[]*kgo.Record{{Value: []byte("x")}}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			reader := newLiveReader(3)
			for _, r := range c.records {
				reader.add(r)
			}
			live := reader.finish()
			if got := string(live["key"].value); got != c.want || len(reader.split) != c.split {
				t.Errorf("want %q with %d split keys, got %q with %d", c.want, c.split, got, len(reader.split))
			}
			if c.want == "" && len(live) != 0 {
				t.Errorf("%d keys are left", len(live))
			}
		})
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
