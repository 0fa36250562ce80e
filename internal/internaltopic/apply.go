package internaltopic

import (
	"context"
	"time"
)

// Options say how steps are carried out.
type Options struct {
	// GroupID is the Connect group whose topic this is. When empty, every group of protocol type connect is
	// taken for it: held when it is empty, and ErrGroupLive when it is not.
	GroupID string
	// Siblings are other storage topics of the group. One of them is locked for the moment in which a topic
	// that loses partitions does not exist, so that no worker that starts then creates it.
	Siblings []string
	// Progress is told what is being done, with names and counts only. It may be nil.
	Progress func(Progress)
	// TransactionWait is how long to wait for open transactions to end; 2 minutes by default.
	TransactionWait time.Duration
}

// Progress is a sign of life of a long operation.
type Progress struct {
	Topic string
	Step  string // What begins, such as "read the live records".
	Count int    // How many records it is about, if any.
}

// Result is what an [Client.Apply] that succeeded has to say.
type Result struct {
	// Warnings are sentences for whoever ran it.
	Warnings []string
}

// Apply carries out the steps one by one. Each can be cut short and is then finished by planning and applying
// again. When it fails, what was done stays done.
func (c *Client) Apply(ctx context.Context, steps []Step, o Options) (Result, error) {
	run := &run{client: c, options: o}
	for _, s := range steps {
		if err := run.do(ctx, s); err != nil {
			return run.result, err
		}
	}
	return run.result, nil
}
