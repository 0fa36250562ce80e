package internaltopic

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

// reassign changes the number of replicas of every partition and waits until the brokers have finished.
func (a *applier) reassign(ctx context.Context, s Step) error {
	c := a.client
	t, brokers, err := c.describe(ctx, s.Topic)
	if err != nil {
		return err
	}
	target, err := assign(t.Replicas, brokers, s.To)
	if err != nil {
		return err
	}
	var req kadm.AlterPartitionAssignmentsReq
	changed := 0
	for p, replicas := range target {
		if !slices.Equal(replicas, t.Replicas[p]) {
			req.Assign(t.Name, int32(p), replicas)
			changed++
		}
	}
	if changed == 0 {
		return nil
	}
	a.report(t.Name, "reassign replicas of partitions", changed)
	answers, err := c.Kadm.AlterPartitionAssignments(ctx, req)
	if err == nil {
		err = answers.Error()
	}
	if err != nil {
		return c.fail("reassign", topicObject(t.Name), err)
	}
	return a.awaitReassignment(ctx, t, target)
}

// awaitReassignment waits until ctx ends, because the duration depends on how much data the brokers have to copy, and then
// until every broker knows the new replicas.
func (a *applier) awaitReassignment(ctx context.Context, t *Topic, target [][]int32) error {
	c := a.client
	var set kadm.TopicsSet
	for p := range target {
		set.Add(t.Name, int32(p))
	}
	moved := func(now *Topic) bool { return now != nil && slices.EqualFunc(now.Replicas, target, slices.Equal) }
	left := -1
	err := poll(ctx, 0, func(ctx context.Context) (bool, error) {
		answers, err := c.Kadm.ListPartitionReassignments(ctx, set)
		if err != nil {
			return false, err
		}
		if n := len(answers[t.Name]); n != left {
			left = n
			a.report(t.Name, "wait for partitions to be reassigned", n)
		}
		now, _, err := c.fetchMetadata(ctx, t.Name)
		return err == nil && left == 0 && moved(now), err
	})
	if err != nil {
		return c.fail("reassign", topicObject(t.Name), err)
	}
	return c.waitMetadata(ctx, "the new replicas of", t.Name, moved)
}

// assign returns new replicas for every partition so that each has factor of them. It moves as little as possible:
// the preferred leader stays, replicas of one partition go to different racks if there are enough, and new replicas go
// to the brokers with the fewest replicas of the topic.
func assign(replicas [][]int32, brokers []Broker, factor int) ([][]int32, error) {
	if factor < 1 || factor > len(brokers) {
		return nil, &SpecError{Field: "replication_factor", Reason: fmt.Sprintf("is %d, but the cluster has %s: lower the factor, or start more brokers", factor, count(len(brokers), "live broker"))}
	}
	a := assignment{racks: map[int32]string{}, load: map[int32]int{}, brokers: brokers}
	for _, b := range brokers {
		a.racks[b.ID] = b.Rack
		if b.Rack == "" {
			a.racks[b.ID] = fmt.Sprintf("broker %d", b.ID) // a broker without a rack is its own rack
		}
	}
	for _, rs := range replicas {
		for _, id := range rs {
			a.load[id]++
		}
	}
	out := make([][]int32, len(replicas))
	for p, rs := range replicas {
		out[p] = slices.Clone(rs)
		for len(out[p]) > factor {
			out[p] = a.drop(out[p])
		}
		for len(out[p]) < factor {
			out[p] = a.add(out[p])
		}
	}
	return out, nil
}

// assignment is the state of assign.
type assignment struct {
	racks   map[int32]string // Live brokers only.
	load    map[int32]int    // Replicas of the topic, by broker.
	brokers []Broker
}

// add appends a broker in a rack with the fewest of the partition's replicas; among these, the least loaded.
func (a assignment) add(replicas []int32) []int32 {
	best := int32(-1)
	for _, b := range a.brokers {
		if !slices.Contains(replicas, b.ID) && (best < 0 || a.compare(replicas, b.ID, best) < 0) {
			best = b.ID
		}
	}
	a.load[best]++
	return append(replicas, best)
}

// drop removes a replica on a dead broker, or else one in a rack with the most of the partition's replicas; among these,
// on the most loaded broker. The preferred leader stays if its broker is alive.
func (a assignment) drop(replicas []int32) []int32 {
	worst := -1
	for i, id := range replicas {
		if _, live := a.racks[id]; !live {
			worst = i
			break
		}
		if i > 0 && (worst < 0 || a.compare(replicas, id, replicas[worst]) > 0) {
			worst = i
		}
	}
	a.load[replicas[worst]]--
	return slices.Delete(replicas, worst, worst+1)
}

// compare orders brokers by the number of the partition's replicas in their rack, then by load, then by id.
func (a assignment) compare(replicas []int32, x, y int32) int {
	inRack := func(id int32) (n int) {
		for _, r := range replicas {
			if a.racks[r] == a.racks[id] {
				n++
			}
		}
		return n
	}
	if d := inRack(x) - inRack(y); d != 0 {
		return d
	}
	if d := a.load[x] - a.load[y]; d != 0 {
		return d
	}
	return int(x - y)
}
