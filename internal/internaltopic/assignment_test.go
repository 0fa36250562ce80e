package internaltopic

import (
	"reflect"
	"testing"

	"github.com/twmb/franz-go/pkg/kbin"
)

// assignmentText writes an assignment as a worker does.
func assignmentText(version int16, assigned, revoked runs) []byte {
	text := kbin.AppendInt16(nil, version)
	text = kbin.AppendInt16(text, 0)
	text = kbin.AppendString(text, "leader")
	text = kbin.AppendString(text, "http://leader:8083/")
	text = kbin.AppendInt64(text, 10)
	text = appendRuns(text, assigned)
	if version > 0 {
		text = appendRuns(text, revoked)
		text = kbin.AppendInt32(text, 0)
	}
	return text
}

func appendRuns(text []byte, all runs) []byte {
	text = kbin.AppendArrayLen(text, len(all))
	for connector, tasks := range all {
		text = kbin.AppendString(text, connector)
		text = kbin.AppendArrayLen(text, len(tasks))
		for _, task := range tasks {
			text = kbin.AppendInt32(text, int32(task))
		}
	}
	return text
}

// A worker runs what it had before the rebalance, without what the rebalance revoked, and with what it added.
func TestAssignments(t *testing.T) {
	had := assignmentText(2, runs{"a": {-1, 0, 1}, "b": {0}, "c": {-1}}, nil)
	for name, test := range map[string]struct {
		had, rebalance []byte
		connectors     []string
		tasks          map[string][]int
	}{
		"all at once":         {nil, assignmentText(0, runs{"a": {-1, 1, 0}, "b": {2}}, nil), []string{"a"}, map[string][]int{"a": {0, 1}, "b": {2}}},
		"nothing new":         {had, assignmentText(2, nil, nil), []string{"a", "c"}, map[string][]int{"a": {0, 1}, "b": {0}}},
		"added and revoked":   {had, assignmentText(2, runs{"b": {-1, 1}, "d": {-1}}, runs{"a": {-1, 0}, "c": {-1}}), []string{"b", "d"}, map[string][]int{"a": {1}, "b": {0, 1}}},
		"nothing":             {nil, nil, nil, nil},
		"not of this format":  {[]byte("x"), []byte("some other text, which is longer"), nil, nil},
		"cut off":             {nil, assignmentText(2, runs{"a": {-1}}, nil)[:50], nil, nil},
		"assigned once again": {had, assignmentText(2, runs{"c": {-1}}, nil), []string{"a", "c"}, map[string][]int{"a": {0, 1}, "b": {0}}},
	} {
		var m Member
		m.assign(test.had, test.rebalance)
		if !reflect.DeepEqual(m.Connectors, test.connectors) || !reflect.DeepEqual(m.Tasks, test.tasks) {
			t.Errorf("%s: got %v and %v, want %v and %v", name, m.Connectors, m.Tasks, test.connectors, test.tasks)
		}
	}
}
