package internaltopic

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

// reassign changes the number of replicas of every partition, and waits until the brokers are done.
func (r *run) reassign(ctx context.Context, s Step) error {
	c := r.client
	t, brokers, err := c.describe(ctx, s.Topic)
	if err != nil {
		return err
	}
	target, err := assign(t.Replicas, brokers, s.To)
	if err != nil {
		return err
	}
	var req kadm.AlterPartitionAssignmentsReq
	moves := 0
	for p, replicas := range target {
		if !slices.Equal(replicas, t.Replicas[p]) {
			req.Assign(t.Name, int32(p), replicas)
			moves++
		}
	}
	if moves == 0 {
		return nil
	}
	r.report(t.Name, "reassign replicas of partitions", moves)
	answers, err := c.Kadm.AlterPartitionAssignments(ctx, req)
	if err == nil {
		err = answers.Error()
	}
	if err != nil {
		return c.fail("reassign", topicObject(t.Name), err)
	}
	return r.awaitReassignment(ctx, t, target)
}

// awaitReassignment waits as long as the context allows: how long it takes depends on how much there is to copy.
func (r *run) awaitReassignment(ctx context.Context, t *Topic, target [][]int32) error {
	c := r.client
	var set kadm.TopicsSet
	for p := range target {
		set.Add(t.Name, int32(p))
	}
	left := -1
	err := poll(ctx, forever, func(ctx context.Context) (bool, error) {
		answers, err := c.Kadm.ListPartitionReassignments(ctx, set)
		if err != nil {
			return false, err
		}
		if n := len(answers[t.Name]); n != left {
			left = n
			r.report(t.Name, "wait for partitions to be reassigned", n)
		}
		now, _, err := c.layout(ctx, t.Name)
		return err == nil && left == 0 && slices.EqualFunc(now.Replicas, target, slices.Equal), err
	})
	return c.fail("reassign", topicObject(t.Name), err)
}

// assign returns every partition's replicas brought to the factor: as little is moved as possible, the preferred
// leader stays, replicas of one partition go to different racks where there are enough, and what is added goes
// to the brokers that hold least of the topic.
func assign(replicas [][]int32, brokers []Broker, factor int) ([][]int32, error) {
	if factor < 1 || factor > len(brokers) {
		return nil, &SpecError{Field: "replication_factor", Reason: fmt.Sprintf("is %d, but the cluster has %s", factor, count(len(brokers), "live broker"))}
	}
	a := assignment{racks: map[int32]string{}, load: map[int32]int{}, brokers: brokers}
	for _, b := range brokers {
		a.racks[b.ID] = b.Rack
		if b.Rack == "" {
			a.racks[b.ID] = fmt.Sprintf("broker %d", b.ID) // each its own
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

// assignment is what assign keeps count of.
type assignment struct {
	racks   map[int32]string // Live brokers only.
	load    map[int32]int    // Replicas of the topic, by broker.
	brokers []Broker
}

// add appends the broker in the rack that has fewest of the partition's replicas, the least loaded of those.
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

// drop removes a replica on a dead broker, else one in the rack that has most of them, the most loaded of those.
// The preferred leader stays while its broker lives.
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

// compare orders brokers by how many replicas their rack has of the partition, then by load, then by id.
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
