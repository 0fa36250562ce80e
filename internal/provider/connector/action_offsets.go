package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// offsetChange is a change of the offsets of a connector that is STOPPED.
type offsetChange struct {
	what  string // at the beginning of a sentence
	send  func(context.Context) (connectclient.Altered, error)
	check func(have []connectclient.Offset) error // whether the change is in effect
}

// changeOffsets stops the connector, changes its offsets, reads them back, and restores its previous state. Once a stop may
// have been executed, the state is restored whatever happens.
func (r *actionRun) changeOffsets(ctx context.Context, change offsetChange) diag.Diagnostics {
	unable := "Unable to change the offsets of " + quoted(r.name)
	if err := r.client.RequireAlterOffsets(ctx); err != nil {
		return r.failed(unable, fmt.Errorf("%w; the connector was not stopped", err))
	}
	if err := r.awaitAssigned(ctx); err != nil {
		return r.failed(unable, fmt.Errorf("%w; the connector was not stopped", err))
	}
	before := connectclient.State(targetState(r.status))
	if before != connectclient.StateStopped {
		r.tell("Stopping %s, which is %s.", quoted(r.name), before)
		if err := r.client.StopConnector(ctx, r.name); err != nil && !errors.Is(err, connectclient.ErrIndeterminate) {
			return r.failed(unable, fmt.Errorf("%w; the connector was not stopped", err))
		} else if err != nil {
			return r.failed(unable, r.restoreAfter(ctx, err, before))
		}
	}
	if err := r.changeStopped(ctx, change); err != nil {
		return r.failed(unable, r.restoreAfter(ctx, err, before))
	}
	if before == connectclient.StateStopped {
		r.tell("The offsets are in effect. %s stays STOPPED.", r.name)
		return nil
	}
	r.tell("The offsets are in effect. Setting %s to %s again.", quoted(r.name), before)
	if err := r.restore(ctx, before); err != nil {
		return r.failed("The offsets of "+quoted(r.name)+" were changed, but the connector is still STOPPED", err)
	}
	status, err := r.client.Await(ctx, r.name, before)
	if err != nil {
		return r.failed("The offsets of "+quoted(r.name)+" were changed, but the connector did not become "+string(before)+" again", err)
	}
	r.tell("With the new offsets: %v.", status)
	return nil
}

// awaitAssigned waits until the status shows the state that was set. A connector that is STOPPED is UNASSIGNED after its worker
// has left the group, for up to scheduled.rebalance.max.delay.ms.
func (r *actionRun) awaitAssigned(ctx context.Context) (err error) {
	if !r.status.Assigned() {
		r.tell("Waiting until a worker runs %s: until then, its status does not show whether it is RUNNING, PAUSED or STOPPED.", quoted(r.name))
		r.status, err = r.client.AwaitAssigned(ctx, r.name)
	}
	return err
}

// changeStopped changes the offsets when the tasks have ended, and checks that the change is in effect.
func (r *actionRun) changeStopped(ctx context.Context, change offsetChange) error {
	if err := awaitStopped(ctx, r.client, r.name); err != nil {
		return err
	}
	r.tell("All tasks have ended. %s.", change.what)
	altered, err := change.send(ctx)
	if err != nil {
		return err
	}
	if err := r.client.AwaitOffsets(ctx, r.name, change.check); err != nil {
		return fmt.Errorf("the worker has accepted the change, but it was not found to be in effect: %w", err)
	}
	if altered.Unchecked {
		r.tell("The connector does not check offsets itself. If it also keeps offsets in another system, change them there.")
	}
	return nil
}

// restoreAfter restores the state after an error, and returns the error together with what became of the state.
func (r *actionRun) restoreAfter(ctx context.Context, failed error, before connectclient.State) error {
	if before == connectclient.StateStopped {
		return fmt.Errorf("%w; the connector is STOPPED, as before", failed)
	}
	if err := r.restore(ctx, before); err != nil {
		return fmt.Errorf("%w; the connector could not be set to %s again and may be STOPPED: %w", failed, before, err)
	}
	return fmt.Errorf("%w; the connector was set to %s again, as before", failed, before)
}

// restore requests the state that the connector had. If the context has ended, a last attempt has a few seconds of its own.
func (r *actionRun) restore(ctx context.Context, before connectclient.State) error {
	want := desired{name: r.name, state: before}
	err := requestState(ctx, r.client, want)
	if err == nil || ctx.Err() == nil {
		return err
	}
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	return requestState(ctx, r.client, want)
}

// newPartitions warns of partitions for which the connector has no offset: with a misspelled partition, the change has no effect on
// the connector. The first offsets of a connector cause no warning.
func (r *actionRun) newPartitions(ctx context.Context, want []connectclient.Offset) (diags diag.Diagnostics) {
	if r.client.RequireAlterOffsets(ctx) != nil {
		return nil // changeOffsets reports it
	}
	have, err := r.client.Offsets(ctx, r.name)
	if err != nil {
		return r.failed("Unable to read the offsets of "+quoted(r.name), fmt.Errorf("%w; the connector was not stopped", err))
	}
	known := "The connector has no offsets."
	if len(have) > 0 {
		partitions := make([]string, len(have))
		for i, offset := range have {
			partitions[i] = compacted(offset.Partition)
		}
		slices.Sort(partitions)
		known = "The connector has offsets of " + diagnostics.Shortened(partitions) + "."
	}
	compared := comparedFor(r.have.Type)
	for _, offset := range want {
		isKnown := slices.ContainsFunc(have, func(o connectclient.Offset) bool { return compared(o.Partition) == compared(offset.Partition) })
		switch {
		case isKnown:
		case offset.Offset == nil:
			diags.AddWarning(diagnostics.Capitalized(quoted(r.name))+" had no offset to delete of "+string(offset.Partition), known+" Correct the partition: it must have the keys and values that the connector uses.")
		case len(have) > 0:
			diags.AddWarning(diagnostics.Capitalized(quoted(r.name))+" had no offset of "+string(offset.Partition), known+
				" The offset was added. The connector uses it only if the partition has the keys and values that the connector uses. Otherwise delete it with reset = true.")
		}
	}
	return diags
}

// sinkKeys refuses offsets that are not those of a sink, before a sink is stopped.
func (r *actionRun) sinkKeys(offsets []connectclient.Offset) (diags diag.Diagnostics) {
	if r.have.Type != typeSink {
		return nil
	}
	refuse := func(at path.Path, text json.RawMessage, keys ...string) {
		var object map[string]json.RawMessage
		_ = json.Unmarshal(text, &object) // an object, by its validation
		for _, key := range keys {
			if _, ok := object[key]; !ok {
				diags.AddAttributeError(at, "Missing key "+strconv.Quote(key),
					quoted(r.name)+" is a sink, but "+string(text)+" does not have the key. Use "+strings.Join(keys, " and ")+". The connector was not stopped.")
			}
		}
	}
	for i, offset := range offsets {
		at := path.Root("offsets").AtListIndex(i)
		refuse(at.AtName("partition"), offset.Partition, sinkTopic, sinkPartition)
		if offset.Offset != nil {
			refuse(at.AtName("offset"), offset.Offset, sinkOffset)
		}
	}
	return diags
}
