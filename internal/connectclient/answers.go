package connectclient

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
)

// mixup is an answer about another connector than the request. Names are compared byte by byte, as workers do.
type mixup struct {
	asked    string
	answered string // empty if the answer has no name
}

// named is an answer that says which connectors it is about. Its method returns nil if these are the ones that were asked
// for; asked is empty for a listing, which names each connector twice.
type named interface {
	mixup(asked string) *mixup
}

// Answers that contain no connector's name, such as offsets, belong to the connector in the path.
var (
	_ named = (*Connector)(nil)
	_ named = (*Status)(nil)
	_ named = (*taskConfigs)(nil)
	_ named = (*activeTopics)(nil)
	_ named = (*expanded)(nil)
	_ named = (*ignored)(nil)
)

func compare(asked, answered string) *mixup {
	if asked == answered {
		return nil
	}
	return &mixup{asked, answered}
}

func (c *Connector) mixup(asked string) *mixup {
	found := compare(asked, c.Name)
	for _, task := range c.Tasks {
		found = cmp.Or(found, compare(asked, task.Connector))
	}
	return found
}

func (s *Status) mixup(asked string) *mixup { return compare(asked, s.Name) }

// taskConfigs is the answer of GET /connectors/{name}/tasks.
type taskConfigs []TaskConfig

func (t *taskConfigs) mixup(asked string) *mixup {
	var found *mixup
	for _, task := range *t {
		found = cmp.Or(found, compare(asked, task.connector))
	}
	return found
}

func (a *activeTopics) mixup(asked string) *mixup {
	for name := range *a {
		if name != asked {
			return &mixup{asked, name}
		}
	}
	return nil
}

// expanded is the answer of GET /connectors?expand=…, by name. A part is missing if it was not asked for, or if the
// connector was deleted at the same time.
type expanded map[string]struct {
	Info   *Connector `json:"info"`
	Status Status     `json:"status"`
}

func (e *expanded) mixup(string) *mixup {
	var found *mixup
	for name, one := range *e {
		if one.Info != nil {
			found = cmp.Or(found, one.Info.mixup(name))
		}
		if one.Status.Name != "" {
			found = cmp.Or(found, one.Status.mixup(name))
		}
	}
	return found
}

// ignored is an answer of which only name and message count, if it has them. The answer to a restart has a name, and that to a
// change of offsets a message.
type ignored struct{ name, message string }

// UnmarshalJSON accepts any JSON.
func (i *ignored) UnmarshalJSON(data []byte) error {
	var wire struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	if json.Unmarshal(data, &wire) == nil {
		i.name, i.message = wire.Name, wire.Message
	}
	return nil
}

func (i *ignored) mixup(asked string) *mixup {
	if i.name == "" {
		return nil
	}
	return compare(asked, i.name)
}

// mixup returns how the decoded answer differs from what was asked for, or nil.
func (r *request) mixup() *mixup {
	answer, ok := r.out.(named)
	if !ok {
		return nil
	}
	return answer.mixup(cmp.Or(r.name, r.creates))
}

// fromMixup classifies a success whose answer is about another connector. A write may have changed that one. Nothing is
// sent again: a proxy that rewrites paths would do the same again.
func (e *Error) fromMixup(found *mixup, worker string, reads bool) {
	answered := "without the name of a connector"
	if found.answered != "" {
		answered = "with connector " + strconv.Quote(found.answered)
	}
	e.Message = fmt.Sprintf("%s%s was asked for connector %q and answered %s: "+
		"check whether a proxy or a cache in front of the worker rewrites paths or mixes up answers", worker, e.Path, found.asked, answered)
	e.classify(ErrOtherConnector, noRetry)
	if !reads {
		e.Message += "; the request may have changed another connector"
		e.kinds = append(e.kinds, ErrIndeterminate)
	}
}
