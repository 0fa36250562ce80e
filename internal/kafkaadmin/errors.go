package kafkaadmin

import (
	"errors"
	"fmt"
	"strings"
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
	// ErrUnauthorized means that the principal lacks a permission.
	ErrUnauthorized = errors.New("not authorized")
	// ErrUnauthenticated means that the broker refused the credentials.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrUnreachable means that none of the bootstrap servers could be talked to.
	ErrUnreachable = errors.New("no broker reachable")
	// ErrOpenTransaction means that a transaction on the topic did not end in the time given.
	ErrOpenTransaction = errors.New("open transaction")
	// ErrForeignWrite means that someone else wrote to a topic while it was locked.
	ErrForeignWrite = errors.New("someone else wrote to the topic")
)

// Error is a failed operation. It holds no secret.
type Error struct {
	Op        string // What was done: "create", "alter settings of", …
	Object    string // To what, with its kind: `topic "connect-offsets"`. May be empty.
	Principal string // As whom, as far as the client can know: "User:alice".
	Err       error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Object != "" {
		b.WriteString(" " + e.Object)
	}
	if e.Principal != "" && errors.Is(e.Err, ErrUnauthorized) {
		b.WriteString(" as " + e.Principal)
	}
	return b.String() + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

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

func topicObject(name string) string { return fmt.Sprintf("topic %q", name) }
func groupObject(name string) string { return fmt.Sprintf("group %q", name) }
