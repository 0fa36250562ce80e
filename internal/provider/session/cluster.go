package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// CheckMembers checks while Terraform plans a change that the workers of connect.urls belong to one cluster. The error is
// returned once, because it concerns all objects. With a single URL, or if no worker answers, no request is sent.
func (s *Session) CheckMembers(ctx context.Context, client *connectclient.Client) (diags diag.Diagnostics) {
	if len(client.URLs()) == 1 || !s.Applying.Load() && s.NoWorker(ctx, client) != nil {
		return nil
	}
	err := s.membersError.Do(struct{}{}, func() error { return client.CheckMembers(ctx) })
	if errors.Is(err, connectclient.ErrDifferentClusters) && s.membersShown.CompareAndSwap(false, true) {
		diags.Append(diagnostics.FromConnect("connect.urls lead to different clusters", err))
	}
	return diags // other errors are left to the operations
}

// CheckMissing is for an object that the workers do not have although the state has it. It does what CheckCluster does. If
// a worker of connect.urls does not answer and the id does not settle the matter, one warning of the run says that this
// worker may have the object: two groups of workers can use one Kafka cluster.
func (s *Session) CheckMissing(ctx context.Context, client *connectclient.Client, object, id string) diag.Diagnostics {
	diags := s.CheckCluster(ctx, client, object, id)
	if len(diags) > 0 || len(client.URLs()) == 1 {
		return diags
	}
	var silent []string
	for _, member := range s.askMembers(ctx, client) {
		if member.Err != nil {
			silent = append(silent, member.URL)
		}
	}
	if len(silent) > 0 && s.silentReported.CompareAndSwap(false, true) {
		diags.AddWarning("A worker that does not answer may have "+object,
			fmt.Sprintf("The workers that answer do not have %s, so the plan creates it. %s did not answer. Check that all URLs in connect.urls of the provider "+
				"lead to workers of one Connect cluster. This warning is shown for one connector.", object, strings.Join(silent, ", ")))
	}
	return diags
}

// askMembers asks the workers about their clusters, once in a run. If none answers, it waits for one within the timeout of
// the operation.
func (s *Session) askMembers(ctx context.Context, client *connectclient.Client) []connectclient.Member {
	return s.members.Do(struct{}{}, func() []connectclient.Member {
		list, _ := client.Members(ctx) // after an error, the operation itself fails
		if slices.ContainsFunc(list, func(member connectclient.Member) bool { return member.Err == nil }) {
			return list
		}
		if _, err := client.Cluster(ctx); err == nil {
			list, _ = client.Members(ctx)
		}
		return list
	})
}

// CheckCluster compares the Kafka cluster that an object was last applied to with the one that the workers use now, before
// the object is changed or deleted. An empty id is not compared.
//
// Another cluster is an error if a worker of connect.urls does not answer: that worker may belong to the object's cluster,
// and have the object. If all workers answer, they were moved to another Kafka cluster, or the provider was pointed at
// another one. The run warns of that once.
func (s *Session) CheckCluster(ctx context.Context, client *connectclient.Client, object, id string) (diags diag.Diagnostics) {
	if id == "" {
		return nil
	}
	var answers, silent []string
	for _, member := range s.askMembers(ctx, client) {
		switch {
		case member.KafkaClusterID == id:
			return nil // if others answer differently, the client refuses to write
		case member.Err != nil:
			silent = append(silent, member.URL+" does not answer")
		case member.KafkaClusterID != "":
			answers = append(answers, fmt.Sprintf("%s answers kafka_cluster_id %q", member.URL, member.KafkaClusterID))
		}
	}
	if len(answers) == 0 {
		return nil
	}
	found := strings.Join(append(answers, silent...), ", ")
	if len(silent) > 0 {
		diags.AddError("connect.urls may lead to different clusters",
			fmt.Sprintf("%s was last applied to a Connect cluster with kafka_cluster_id %q. Now %s. "+
				"The worker that does not answer may be the one that has the connector.\n\n"+
				"Set connect.urls of the provider to the workers of one Connect cluster. If the workers have moved to another Kafka cluster, "+
				"remove the URLs that do not answer, and plan again.", diagnostics.Capitalized(object), id, found))
		return diags
	}
	if s.movedReported.CompareAndSwap(false, true) {
		diags.AddWarning("The workers use another Kafka cluster than before",
			fmt.Sprintf("%s was last applied to a Connect cluster with kafka_cluster_id %q. Now %s. "+
				"Connectors that the workers do not have will be created.\n\n"+
				"If this is not the intended cluster, correct connect.urls of the provider. This warning is shown for one connector.",
				diagnostics.Capitalized(object), id, found))
	}
	return diags
}
