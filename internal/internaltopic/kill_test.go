package internaltopic

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// killsVariable is how many topics the kill tests change with kills at random moments, three a topic, and how many
// rebuilds TestRebuildsBetweenRestartsLoseNothing makes. If it is set, the other tests of failures run in their long
// form, too. `make chaos` sets it.
const killsVariable = "INTERNALTOPIC_TEST_KILLS"

// thorough reports whether the tests run in their long form.
func thorough() bool { return os.Getenv(killsVariable) != "" }

func kills(t *testing.T) int {
	t.Helper()
	text, ok := os.LookupEnv(killsVariable)
	if !ok {
		return 2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", killsVariable, err)
	}
	return n
}

// longest is about how long a change takes from its first step on.
const longest = 700 * time.Millisecond

// death is a moment at which a child is killed.
type death struct {
	before string
	at     int
}

var growDeaths = []death{
	{stepLock, 1}, {stepEnds, 1}, {stepRead, 1}, {stepPartitions, 1}, {stepWrite, 1}, {stepWrite, 2}, {stepVerify, 1},
	{stepDeleteRecords, 1}, {stepCheckStarts, 1}, {stepUnlock, 1}, {stepDone, 1},
}

var shrinkDeaths = []death{
	{stepLock, 1}, {stepEnds, 1}, {stepRead, 1}, {stepCreateCopy, 1}, {stepWrite, 1}, {stepWrite, 2}, {stepVerify, 1},
	{stepMark, 1}, {stepReadCopy, 1}, {stepLockOther, 1}, {stepDeleteOriginal, 1}, {stepCreate, 1}, {stepFill, 1},
	{stepWrite, 4}, {stepVerify, 2}, {stepDeleteCopy, 1}, {stepUnlock, 1}, {stepDone, 1},
}

// killCase is a change that is killed over and over.
type killCase struct {
	from, to int
	deaths   []death
}

func TestKilledGrowthLosesNothing(t *testing.T) {
	t.Parallel()
	killCase{from: 3, to: 25, deaths: growDeaths}.run(t, realBroker(t).Bootstrap())
}

func TestKilledShrinkingLosesNothing(t *testing.T) {
	t.Parallel()
	killCase{from: 9, to: 2, deaths: shrinkDeaths}.run(t, realBroker(t).Bootstrap())
}

func (k killCase) run(t *testing.T, bootstrap string) {
	other := uniqueName(t) + "-other"
	topicWith(t, bootstrap, other, fill{partitions: 1, keys: 1, history: 1})
	for i, d := range k.deaths {
		t.Run(fmt.Sprintf("before %s %d", d.before, d.at), func(t *testing.T) {
			o, want := k.topic(t, bootstrap, other, i)
			o.DieBefore, o.DieAt = d.before, d.at
			if last, killed := runChild(t, o); !killed {
				t.Fatalf("the child was never before %q, its last step was %q", d.before, last)
			}
			k.finish(t, bootstrap, other, o, want)
		})
	}
	for i := range kills(t) {
		t.Run(fmt.Sprintf("at random moments %d", i), func(t *testing.T) {
			o, want := k.topic(t, bootstrap, other, i)
			for range 3 {
				o.DieAfter = rand.N(longest)
				last, killed := runChild(t, o)
				t.Logf("after %s: killed %t, last step %q", o.DieAfter, killed, last)
			}
			k.finish(t, bootstrap, other, o, want)
		})
	}
}

// topic makes a topic to change: every other one with transactions, and with a log cleaner that has much to do.
func (k killCase) topic(t *testing.T, bootstrap, other string, i int) (orders, map[string]string) {
	f := fill{partitions: k.from, keys: 2500, history: 6000, pad: 40}
	if i%2 == 0 {
		f.txnEvery = 500
	}
	if i%4 < 2 {
		f.config = map[string]string{
			"segment.ms": "100", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "100",
			"max.compaction.lag.ms": "200", "file.delete.delay.ms": "500",
		}
	}
	name := uniqueName(t)
	want := topicWith(t, bootstrap, name, f)
	return orders{
		Bootstrap:          bootstrap,
		Spec:               Spec{Role: RoleOffset, Name: name, Partitions: k.to, AllowDeletion: true},
		GroupID:            "group-of-" + name,
		OtherStorageTopics: []string{"", other},
	}, want
}

// finish is the apply after the last kill.
func (k killCase) finish(t *testing.T, bootstrap, other string, o orders, want map[string]string) {
	o.DieBefore, o.DieAfter = "", 0
	runChild(t, o)
	wantContent(t, bootstrap, o.Spec.Name, k.to, want)
	// If the other topic is still locked, its own apply unlocks it.
	o.Spec = Spec{Role: RoleOffset, Name: other, Partitions: 1}
	runChild(t, o)
	if inspect(t, bootstrap, other).Unfinished() {
		t.Errorf("the other topic is still locked")
	}
}
