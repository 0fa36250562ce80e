package internaltopic

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// What went wrong, to be asked with errors.Is.
var (
	// ErrNotFound means that the topic does not exist, or that the principal may not even describe it.
	ErrNotFound = errors.New("topic not found")
	// ErrExists means that a topic of that name exists already.
	ErrExists = errors.New("topic already exists")
	// ErrDeletionProtected means that a change needs a deletion that the spec does not allow.
	ErrDeletionProtected = errors.New("deletion is not allowed")
	// ErrNotSeedable means that the topic to take the content from cannot give it.
	ErrNotSeedable = errors.New("nothing to seed from")
	// ErrGroupLive means that workers of the Connect group run. The error is a *GroupLiveError.
	ErrGroupLive = errors.New("the Connect group has live members")
	// ErrGroupHeld means that another process holds the Connect group for a rebuild.
	ErrGroupHeld = errors.New("another rebuild holds the Connect group")
	// ErrOpenTransaction means that a transaction on the topic did not end in the time given.
	ErrOpenTransaction = errors.New("open transaction")
	// ErrForeignWrite means that someone else wrote to a topic while it was locked.
	ErrForeignWrite = errors.New("someone else wrote to the topic")
)

// GroupLiveError names the workers that run in a group which would have to be stopped. It is [ErrGroupLive].
type GroupLiveError struct {
	Group   string
	Members []Member
}

func (e *GroupLiveError) Error() string {
	names := make([]string, len(e.Members))
	for i, m := range e.Members {
		names[i] = m.String()
	}
	return fmt.Sprintf("Connect group %q has %s: %s", e.Group, count(len(e.Members), "live member"), strings.Join(names, ", "))
}

// Is makes errors.Is(err, ErrGroupLive) hold.
func (e *GroupLiveError) Is(target error) bool { return target == ErrGroupLive }

// fail wraps err in a *kafkaclient.Error, unless it is nil or one already. An answer about a topic gets the identity
// that callers ask for.
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
