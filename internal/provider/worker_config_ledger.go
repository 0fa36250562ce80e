package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// workerLedger is what this process knows about worker configurations beyond state. As with ledger, a process is as old as
// the walk of Terraform that it serves. It is safe for concurrent use; its zero value is empty.
type workerLedger struct {
	files   sync.Mutex // held by whoever writes or removes some
	written nameSet    // files of this very process, so never to be removed by it

	mu     sync.Mutex
	groups []workerconfig.Group // planned by this process; an apply plans what it changes once more
}

// join adds a group, and returns what is wrong between it and those that came before.
func (l *workerLedger) join(group workerconfig.Group) (diags diag.Diagnostics) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, other := range l.groups {
		for _, err := range workerconfig.CheckGroups([]workerconfig.Group{other, group}) {
			diags.AddAttributeError(path.Root("group_id"), "Groups of workers are in each other's way", sentence(err.Error())+
				"\n\nWorkers of one group keep their memory in the same three topics, and no other group may use them.")
		}
	}
	l.groups = append(l.groups, group)
	return diags
}
