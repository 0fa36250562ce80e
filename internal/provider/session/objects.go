package session

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Objects is what this run knows about the objects of one kind (connectors, or internal topics) beyond their state. It
// does two things.
//
// It refuses two resources for one name. Otherwise the second would adopt the object of the first, and removing the
// second would delete it.
//
// It replaces tainted objects in place. Terraform taints whatever a failed create saved, and replaces it at the next
// apply: it calls Delete and then Create for the same object. Neither the object nor its offsets may be lost by that. The
// provider is not told that an object is tainted, but the calls of the plan tell it:
//
//	destroy           one plan without planned state
//	-replace, rename  one plan with prior state, then one without
//	tainted           one plan without prior state only
//
// Terraform passes the private data of the first plan of a replacement to the second one, and that of the last plan to
// Delete. So a plan with prior state saves a [Former], which tells the second plan that the object is replaced. A plan
// without prior state or without planned state saves a [decision]: the name as planned, and whether Delete is to delete the
// object. Delete keeps a tainted object whose name stays the same, and Create then converges it. A tainted object that is
// renamed is deleted, as the plan shows.
//
// With create_before_destroy, Create runs first. It adopts the connector, and Delete keeps what this run created.
type Objects struct {
	noun    string // as messages name the object
	cluster string // see [Session.Cluster]
	unknown bool   // the name of the cluster is known only after apply

	declared  *names // by the configuration, as Terraform validates it again in this walk
	updated   names  // planned with prior state, under the same name
	destroyed names  // planned without planned state, or under another name
	stored    names  // that Terraform has loaded from the state, also with -refresh=false
	inState   names  // that Read was called for
	kept      names  // by Delete, for Create
	created   names  // created or adopted by this run

	locks keyedmutex.Map
}

// What messages call the objects.
const (
	nounConnector = "connector"
	nounTopic     = "internal topic"
	nounLogger    = "logger"
)

// Former is an object as the prior state has it.
type Former struct {
	Cluster   string `json:"cluster,omitempty"` // see [Session.Cluster]
	Name      string `json:"name"`
	Protected bool   `json:"protected"` // deletion_protection
}

// Keys in the private data of plans.
const (
	formerKey   = "former"      // the Former, in a plan with prior state
	decisionKey = "replacement" // the decision, in a plan without prior state or without planned state
)

// decision tells Delete what the plan has decided.
type decision struct {
	Cluster string `json:"cluster,omitempty"` // as planned
	Name    string `json:"name"`              // as planned; empty if it or the cluster was unknown
	Delete  bool   `json:"delete"`            // delete it, as destroy, -replace and a rename want
}

func newObjects(noun, cluster string) *Objects {
	return &Objects{noun: noun, cluster: cluster, declared: &names{}}
}

// Declare notes that a resource of the configuration has the name, and refuses a second one. Terraform validates the
// configuration of each resource once in a walk, just before it plans it.
func (o *Objects) Declare(name types.String) (diags diag.Diagnostics) {
	if o == nil || o.unknown || name.IsNull() || name.IsUnknown() || o.declared.add(name.ValueString()) {
		return nil
	}
	diags.AddAttributeError(path.Root("name"), o.title(name.ValueString())+" is declared twice",
		"Two resources of this configuration have this name"+o.where()+". Give each resource its own name, or remove one of them.")
	return diags
}

// Declared reports whether a resource of the configuration has the name, as far as Terraform has validated it in this walk.
func (o *Objects) Declared(name string) bool { return o.declared.has(name) }

// where continues a message about an object that is declared twice.
func (o *Objects) where() string {
	switch {
	case o.cluster == "":
		return ""
	case o.noun == nounTopic:
		return ", in cluster " + diagnostics.Quoted(o.cluster) + " or another one with the same brokers"
	default:
		return ", in cluster " + diagnostics.Quoted(o.cluster)
	}
}

// NoteStored notes that Terraform has loaded the object from the state. It does so before it reads or plans the object, with
// -refresh=false and for tainted objects too, and for an object that is gone.
func (o *Objects) NoteStored(name string) { o.stored.add(name) }

// Stored reports whether Terraform has loaded the object from the state in this run.
func (o *Objects) Stored(name string) bool { return o.stored.has(name) }

// NoteState notes that the state has the object.
func (o *Objects) NoteState(name types.String) { o.inState.add(name.ValueString()) }

// PlanDestroy decides that Delete deletes the object. With create_before_destroy, Terraform plans the destruction again in
// the apply, after Create: Delete then keeps what Create created, whether it is protected or not.
func (o *Objects) PlanDestroy(ctx context.Context, before Former, private tfvalue.PrivateWriter) (diags diag.Diagnostics) {
	if !o.created.has(before.Name) {
		diags = o.planDeletion(before, "a destroy")
	}
	diags.Append(tfvalue.SavePrivate(ctx, private, decisionKey, decision{Cluster: o.cluster, Name: before.Name, Delete: true})...)
	return diags
}

// PlanUpdate saves the object as the prior state has it, for the plan without prior state that follows in a replacement. It
// is for the session of the cluster in which the object is. An object that moves keeps what would be lost by a deletion, so its
// protection does not matter.
func (o *Objects) PlanUpdate(ctx context.Context, before, after Former, moves bool, private tfvalue.PrivateWriter) diag.Diagnostics {
	diags := tfvalue.SavePrivate(ctx, private, formerKey, before)
	switch {
	case moves:
		return append(diags, o.giveUp(before)...)
	case after.Cluster != before.Cluster:
		return append(diags, o.planDeletion(before, "a change of its cluster")...)
	case after.Name != before.Name:
		return append(diags, o.planDeletion(before, "a change of its name")...)
	}
	if o.updated.add(before.Name); o.destroyed.has(before.Name) {
		diags.Append(o.sharedObject(before.Name))
	}
	return diags
}

// Removed forgets what an earlier plan saved with an object that Read has found missing. Terraform keeps the private data,
// and passes it to the plan that creates the object again.
func (o *Objects) Removed(ctx context.Context, private tfvalue.PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, formerKey, nil)
}

// planDeletion notes that the plan deletes the object, and refuses that if the object is protected.
func (o *Objects) planDeletion(before Former, what string) diag.Diagnostics {
	return append(o.GuardDeletion(before, what), o.giveUp(before)...)
}

// giveUp notes that the resource gives the object up, and refuses that if another resource keeps the object.
func (o *Objects) giveUp(before Former) (diags diag.Diagnostics) {
	if o.destroyed.add(before.Name); o.updated.has(before.Name) {
		diags.Append(o.sharedObject(before.Name))
	}
	return diags
}

// Creation is what a plan without prior state is about.
type Creation struct {
	Replaces *Former // the object that Delete deletes before, if any
	InPlace  bool    // the object is tainted, so that Create converges it, or it takes over the name of a destroyed resource
}

// PlanCreate decides what Delete does, if there is an object to delete. Prior is the private data that the plan received.
func (o *Objects) PlanCreate(ctx context.Context, name types.String, prior tfvalue.PrivateReader, private tfvalue.PrivateWriter) (Creation, diag.Diagnostics) {
	former, diags := tfvalue.ReadPrivate[*Former](ctx, prior, formerKey, "The prior state of a "+o.noun)
	creation, planned := Creation{Replaces: former}, name.ValueString()
	if o.unknown {
		planned = ""
	}
	switch {
	case former != nil:
		diags.Append(o.GuardDeletion(*former, "a replacement")...)
	case planned != "":
		creation.InPlace = o.kept.has(planned) || o.inState.has(planned) && !o.destroyed.has(planned)
	}
	diags.Append(tfvalue.SavePrivate(ctx, private, decisionKey, decision{Cluster: o.cluster, Name: planned, Delete: former != nil})...)
	return creation, diags
}

// KeepOnDelete reports whether Delete is to keep the object: because Create is to converge it, or because this run
// has created it.
func (o *Objects) KeepOnDelete(ctx context.Context, name string, private tfvalue.PrivateReader) (bool, diag.Diagnostics) {
	planned, diags := tfvalue.ReadPrivate[decision](ctx, private, decisionKey, "The decision about the deletion of "+o.quote(name))
	switch {
	case diags.HasError():
		return true, diags
	case planned.Delete:
		return o.created.has(name), diags
	case planned.Name == "":
		diags.AddAttributeWarning(path.Root("name"), o.title(name)+" was not deleted",
			"The resource is tainted, and its new name or cluster was unknown during the plan. If they differ, the old "+o.noun+
				" still exists, and Terraform no longer manages it. Then delete or import the old "+o.noun+".")
	case planned.Name != name, planned.Cluster != o.cluster:
		return o.created.has(name), diags
	}
	o.kept.add(name)
	return true, diags
}

// Kept reports whether Delete kept the object for Create.
func (o *Objects) Kept(name string) bool { return o.kept.has(name) }

// Created notes that this run created or adopted the object, and reports whether it is the first resource to do so.
func (o *Objects) Created(name string) bool { return o.created.add(name) }

// CreatedHere reports whether this run created or adopted the object.
func (o *Objects) CreatedHere(name string) bool { return o.created.has(name) }

// DeclaredTwice is the error for a name that another resource of this run owns already.
func (o *Objects) DeclaredTwice(name string) error {
	return fmt.Errorf("another resource of this configuration has just created %s; give each resource its own name, or remove one of them", o.quote(name))
}

// Lock waits until no other resource or action creates, changes or deletes the object, and returns what ends the lock. A resource
// whose address changed without a moved block is deleted by one resource and created by another at the same time.
func (o *Objects) Lock(ctx context.Context, name string) (unlock func(), err error) {
	unlock, err = o.locks.Lock(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("waiting until another operation on %s ends: %w", o.quote(name), err)
	}
	return unlock, nil
}

// GuardDeletion refuses to delete a protected object.
func (o *Objects) GuardDeletion(before Former, what string) (diags diag.Diagnostics) {
	if before.Protected {
		diags.AddAttributeError(path.Root("deletion_protection"), o.title(before.Name)+" is protected from deletion",
			"The plan would delete "+o.quote(before.Name)+" by "+what+", but its deletion_protection is true in the state. "+
				"To allow the deletion, set deletion_protection = false and apply this change first.")
	}
	return diags
}

// sharedObject is the error for an object that is to be destroyed although another resource still declares it.
func (o *Objects) sharedObject(name string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), o.title(name)+" belongs to two resources of the state",
		"The plan destroys the "+o.noun+" with one resource, and another resource still declares it. "+
			"To keep the "+o.noun+", run terraform state rm with the address of the resource that you want to remove. "+
			"If the plan shows a deposed object of the same resource, run terraform state rm for this resource, then import the "+o.noun+".")
}

func (o *Objects) quote(name string) string { return o.noun + " " + diagnostics.Quoted(name) }

// title is quote at the beginning of a sentence.
func (o *Objects) title(name string) string { return diagnostics.Capitalized(o.quote(name)) }
