package internaltopic

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Errors to test for with errors.Is.
var (
	// ErrNotFound means that the topic does not exist, or that the principal is not allowed to describe it.
	ErrNotFound = errors.New("topic not found")
	// ErrExists means that a topic of that name exists already.
	ErrExists = errors.New("topic already exists")
	// ErrDeletionProtected means that a change requires a deletion that the spec does not allow.
	ErrDeletionProtected = errors.New("deletion is not allowed")
	// ErrNotSeedable means that the topic to copy from does not exist or is being rebuilt.
	ErrNotSeedable = errors.New("nothing to seed from")
	// ErrGroupLive means that workers of the Connect group run. The error is a *GroupLiveError.
	ErrGroupLive = errors.New("the Connect group has live members")
	// ErrGroupLocked means that another process holds the lock of the Connect group.
	ErrGroupLocked = errors.New("another apply holds the Connect group, to keep its workers out")
	// ErrWrongGroup means that the declared group is not the one of the workers that use the topic. The error is a
	// *SpecError.
	ErrWrongGroup = errors.New("not the group of the topic's workers")
	// ErrOpenTransaction means that a transaction on the topic was still open after the wait.
	ErrOpenTransaction = errors.New("open transaction")
	// ErrForeignWrite means that another client wrote to a topic while it was locked.
	ErrForeignWrite = errors.New("another client wrote to the topic")
)

// GroupLiveError names the running workers of a group that has to be stopped. It is [ErrGroupLive].
type GroupLiveError struct {
	Group   string
	Members []Member
	// Connectors are set if only workers that run one of them have to be stopped.
	Connectors []string
	// Waited is how long no member has left, or zero if the wait was cut short.
	Waited time.Duration
}

func (e *GroupLiveError) Error() string {
	text := fmt.Sprintf("Connect group %q has %s: %s", e.Group, count(len(e.Members), "live member"), memberNames(e.Members))
	if len(e.Connectors) > 0 {
		text = fmt.Sprintf("Connect group %q has %s with a connector that uses the topic: %s. The topic is used by %s",
			e.Group, count(len(e.Members), "live member"), memberNames(e.Members), shorten(e.Connectors))
	}
	if e.Waited > 0 {
		text += fmt.Sprintf(". No member has left for %s", e.Waited)
	}
	return text
}

// Is makes errors.Is(err, ErrGroupLive) true.
func (e *GroupLiveError) Is(target error) bool { return target == ErrGroupLive }

// RebuildError is a rebuild that failed after the topic was locked. It says in which state the topic is.
type RebuildError struct {
	Topic string
	// Locked means that the topic may be changed and stays locked until an apply finishes the rebuild. Otherwise the topic
	// is as it was before.
	Locked bool
	Err    error
}

func (e *RebuildError) Error() string { return e.Err.Error() + "; " + e.State() }

// State describes the topic after the failure.
func (e *RebuildError) State() string {
	if e.Locked {
		return fmt.Sprintf("no record is lost: topic %q stays locked (%s=%s), and the next apply finishes the change", e.Topic, KeyCleanupPolicy, lockedPolicy)
	}
	return fmt.Sprintf("topic %q is unchanged and unlocked, so that workers can use it", e.Topic)
}

func (e *RebuildError) Unwrap() error { return e.Err }

func memberNames(members []Member) string {
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.String()
	}
	return strings.Join(names, ", ")
}

// fail wraps err in a *kafkaclient.Error, and answers about a topic in ErrNotFound or ErrExists. It returns nil, and a
// *kafkaclient.Error, as they are.
func (c *Client) fail(op, object string, err error) error {
	if _, wrapped := errors.AsType[*kafkaclient.Error](err); err == nil || wrapped {
		return err
	}
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		err = fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, kerr.TopicAlreadyExists):
		err = fmt.Errorf("%w: %w", ErrExists, err)
	}
	return c.Fail(op, object, err)
}

func topicObject(name string) string { return fmt.Sprintf("topic %q", name) }
func groupObject(name string) string { return fmt.Sprintf("group %q", name) }

// count returns a number with its noun: "1 partition", "2 partitions".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
