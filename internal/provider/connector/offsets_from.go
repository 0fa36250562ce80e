package connector

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// This file implements the attribute `offsets_from`.

// offsetsFromModel is the value of `offsets_from`.
type offsetsFromModel struct {
	Name    types.String `tfsdk:"name"`
	Cluster types.String `tfsdk:"cluster"`
}

// offsetsFrom converts `offsets_from`. It returns nil if the attribute is null or has unknown values.
func (r *Resource) offsetsFrom(ctx context.Context, m model) (*place, diag.Diagnostics) {
	if m.OffsetsFrom.IsNull() || m.OffsetsFrom.IsUnknown() {
		return nil, nil
	}
	var from offsetsFromModel
	diags := m.OffsetsFrom.As(ctx, &from, basetypes.ObjectAsOptions{})
	if diags.HasError() || from.Name.IsUnknown() || from.Cluster.IsUnknown() {
		return nil, diags
	}
	s, more := r.In(from.Cluster)
	if diags.Append(more...); diags.HasError() || s == nil {
		return nil, diags
	}
	if from.Name.Equal(m.Name) && from.Cluster.Equal(m.Cluster) {
		diags.AddAttributeError(path.Root("offsets_from"), "A connector cannot take its own offsets",
			"offsets_from names this connector. Name another connector, or remove offsets_from: a connector continues from its own offsets.")
		return nil, diags
	}
	return &place{s, s.Connect.ClientOrNil(), from.Name.ValueString()}, diags
}

// reachable returns an error if the provider has no workers for the cluster of offsets_from, or must not use them.
func (p place) reachable() (diags diag.Diagnostics) {
	if p.client != nil {
		return p.RefuseShared()
	}
	_, missing := p.Connect.Client()
	for _, d := range missing {
		diags.AddAttributeError(path.Root("offsets_from"), d.Summary(), d.Detail()+" "+diagnostics.Capitalized(p.String())+" of offsets_from is in this cluster. If it is in another one, set cluster in offsets_from.")
	}
	return diags
}

// planOffsetsFrom checks in the plan of a new connector whether it can take the offsets of the other one, and tells what the apply does.
func (r *Resource) planOffsetsFrom(ctx context.Context, m model) (diags diag.Diagnostics) {
	from, diags := r.offsetsFrom(ctx, m)
	if from != nil && from.client == nil && !from.Connect.Unknown {
		return append(diags, from.reachable()...)
	}
	if from == nil || from.client == nil || r.ConnectClient() == nil || r.Applying.Load() {
		return diags
	}
	var other connectclient.Connector
	err := from.Ask(ctx, from.client, func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		if err := from.client.RequireReadOffsets(ctx); err != nil {
			return err
		}
		other, err = from.client.Find(ctx, from.name)
		return err
	})
	at := path.Root("offsets_from")
	unsupported, isUnsupported := errors.AsType[*connectclient.UnsupportedError](err)
	switch {
	case isUnsupported:
		diags.AddAttributeError(at, "Unable to take the offsets of "+from.String(), diagnostics.Sentence(unsupported.Error()))
	case err != nil: // the apply decides
	case other.Name == "" && !from.Connectors.Declared(from.name):
		diags.AddAttributeError(at.AtName("name"), "Unable to take the offsets of "+from.String(),
			"The workers do not have this connector. Correct the name or the cluster. Offsets of a connector that was deleted cannot be read: create it again with state = \"STOPPED\" first.")
	case other.Type == typeSink && r.OtherKafka(ctx, from.Session):
		diags.AddAttributeError(at, "Unable to take the offsets of "+from.String(), sinkElsewhere)
	default:
		diags.AddAttributeWarning(at, diagnostics.Capitalized(from.String())+" will be stopped",
			"The apply stops "+from.String()+", which stays STOPPED, and copies its offsets to "+quoted(m.id().ValueString())+". If offsets exist under the new name already, they are replaced.")
	}
	return diags
}

// sinkElsewhere tells why a sink cannot take offsets.
const sinkElsewhere = "It is a sink: its offsets are positions in topics of its Kafka cluster, and the workers of the new connector use another Kafka cluster. Set initial_offsets instead."

// giveOffsets stops the connector and gives its offsets to a new one, unless that one was started before. After an error, the connector
// has its previous state again.
func (p place) giveOffsets(ctx context.Context, to place) (startedBefore bool, err error) {
	status, err := to.client.AwaitAssigned(ctx, to.name)
	if err != nil || !halted(status) {
		return err == nil, err
	}
	unlock, err := p.Connectors.Lock(ctx, p.name)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := p.client.RequireReadOffsets(ctx); err != nil {
		return false, err
	}
	other, err := p.client.Connector(ctx, p.name)
	if err != nil {
		return false, fmt.Errorf("offsets_from: %w", err)
	}
	created, err := to.client.Connector(ctx, to.name)
	switch {
	case err != nil:
		return false, err
	case created.Type != other.Type:
		return false, fmt.Errorf("%s is a %s, and %s of offsets_from is a %s: their offsets have different forms", to, created.Type, p, other.Type)
	case other.Type == typeSink && p.OtherKafka(ctx, to.Session):
		return false, fmt.Errorf("offsets_from: %s. %s", p, sinkElsewhere)
	}
	before, err := p.stop(ctx)
	if err == nil {
		err = p.copyOffsets(ctx, to, other, created)
	}
	if err == nil || before == "" || before == connectclient.StateStopped {
		return false, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if restoreErr := p.set(ctx, before); restoreErr != nil {
		return false, fmt.Errorf("%w; %s could not be set to %s again, and may be STOPPED: %w", err, p, before, restoreErr)
	}
	return false, fmt.Errorf("%w; %s is %s again, as before", err, p, before)
}

// copyOffsets gives the offsets of the STOPPED connector to another one that is STOPPED.
func (p place) copyOffsets(ctx context.Context, to place, other, created connectclient.Connector) error {
	if sharesOffsets(ctx, p, to, other, created.Config) {
		return nil
	}
	want, err := p.finalOffsets(ctx)
	if err != nil {
		return err
	}
	have, err := to.client.Offsets(ctx, to.name)
	if err != nil {
		return err
	}
	return to.replaceOffsets(ctx, other.Type, have, want)
}
