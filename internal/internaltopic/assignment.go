package internaltopic

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kbin"
)

// connectorTask stands for the connector itself among the tasks of an assignment.
const connectorTask = -1

// runs is the tasks of each connector, with connectorTask for the connector itself.
type runs map[string][]int

// assign sets what the worker runs: what it had when it joined the last rebalance, without what this rebalance revoked, and
// with what it added. Before the incremental protocol (KIP-415) a rebalance assigns everything.
func (m *Member) assign(had, rebalance []byte) {
	all, _ := readAssignment(had)
	added, revoked := readAssignment(rebalance)
	for connector, tasks := range revoked {
		all[connector] = slices.DeleteFunc(all[connector], func(task int) bool { return slices.Contains(tasks, task) })
	}
	for connector, tasks := range added {
		all[connector] = append(all[connector], tasks...)
	}
	for connector, tasks := range all {
		slices.Sort(tasks)
		tasks = slices.Compact(tasks)
		if len(tasks) > 0 && tasks[0] == connectorTask {
			m.Connectors, tasks = append(m.Connectors, connector), tasks[1:]
		}
		if len(tasks) > 0 {
			if m.Tasks == nil {
				m.Tasks = map[string][]int{}
			}
			m.Tasks[connector] = tasks
		}
	}
	slices.Sort(m.Connectors)
}

// readAssignment reads an assignment of the protocol "connect": version, error, leader, its URL, and an offset of the config
// topic, then what is assigned and, since version 1, revoked. The result is empty for other texts. kmsg has such a type, but
// with task numbers of 16 instead of 32 bits.
func readAssignment(text []byte) (assigned, revoked runs) {
	r := kbin.Reader{Src: text}
	version := r.Int16()
	r.Int16()
	_ = r.String()
	_ = r.String()
	r.Int64()
	assigned = readRuns(&r)
	if version > 0 {
		revoked = readRuns(&r)
	}
	if !r.Ok() {
		return runs{}, nil
	}
	return assigned, revoked
}

func readRuns(r *kbin.Reader) runs {
	all := runs{}
	for range max(0, r.ArrayLen()) {
		connector := r.String()
		for range max(0, r.ArrayLen()) {
			all[connector] = append(all[connector], int(r.Int32()))
		}
		if !r.Ok() {
			break
		}
	}
	return all
}
