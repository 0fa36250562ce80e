package connector

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// Descriptions of attributes that two data sources have.
const (
	includeLagDescription = "Whether to read the lag of sinks from Kafka. Default: `true` if `kafka` of the provider is configured, otherwise `false`. Without `kafka`, `true` is an error."

	lagDescription = "Number of records in the topics of a sink that the sink has not committed. All records of a partition without a committed offset count. " +
		"For a sink with `topics.regex`, only topics with committed offsets count. Null for a source, and if the lag is not read. If it cannot be read, it is null with a warning. " +
		"The user of the provider needs `Describe` on the consumer group and on the topics."
)

// lagTimeout bounds the requests to the brokers.
const lagTimeout = 30 * time.Second

// readLag sets the lag of a sink and the number of its dead letters, if they are to be read. What cannot be read stays null, with a warning.
func (m *connectorModel) readLag(ctx context.Context, s *session.Session, got connectclient.Connector) diag.Diagnostics {
	lags, diags := readLags(ctx, s, m.IncludeLag, path.Root("lag"), got)
	lag, ok := lags[got.Name]
	if !ok {
		return diags
	}
	partitions := make([]attr.Value, len(lag.Partitions))
	for i, partition := range lag.Partitions {
		partitions[i] = types.ObjectValueMust(partitionLagType.AttrTypes, map[string]attr.Value{
			"topic": types.StringValue(partition.Topic), "partition": types.Int64Value(int64(partition.Partition)), "lag": types.Int64Value(partition.Lag),
		})
	}
	m.Lag, m.LagByPartition = types.Int64Value(lag.Total()), types.ListValueMust(partitionLagType, partitions)
	return append(diags, m.setDeadLetters(got, lag.DeadLetters)...)
}

// readLags returns the lag of those of the connectors that are sinks, by the name of the connector. It leaves out what it
// cannot read, and warns of the first reason. It reads nothing if include is false. If Kafka is not configured, that is an error
// only if include is true.
func readLags(
	ctx context.Context, s *session.Session, include types.Bool, at path.Path, connectors ...connectclient.Connector,
) (map[string]kafkaclient.Lag, diag.Diagnostics) {
	kafka, diags := s.Kafka.Client()
	switch {
	case kafka == nil && include.ValueBool():
		return nil, diags
	case kafka == nil || !include.IsNull() && !include.ValueBool():
		return nil, nil
	}
	var names []string
	var consumers []kafkaclient.Consumer
	var warnings diag.Diagnostics
	for _, one := range connectors {
		group := consumerGroup(one)
		switch {
		case group == "":
		case strings.Contains(group, "${"):
			warnings.Append(noLagWarning(at, quoted(one.Name), "The value of "+groupKey+" comes from a config provider, which only the worker can read."))
		default:
			names = append(names, one.Name)
			topic, _ := deadLetterQueue(one)
			consumers = append(consumers, kafkaclient.Consumer{Group: group, Topics: sinkTopics(one), DeadLetters: topic})
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lagTimeout)
	defer cancel()
	found, err := kafka.Lags(ctx, consumers...)
	if err != nil {
		return nil, diag.Diagnostics{noLagWarning(at, "sinks", diagnostics.Sentence(err.Error()))}
	}
	lags := map[string]kafkaclient.Lag{}
	for i, lag := range found {
		if lag.Err != nil {
			warnings.Append(noLagWarning(at, quoted(names[i]), diagnostics.Sentence(lag.Err.Error())))
			continue
		}
		lags[names[i]] = lag
	}
	return lags, warnings[:min(len(warnings), 1)]
}

// noLagWarning says why a lag is null.
func noLagWarning(at path.Path, of, reason string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "The lag of "+of+" is not known", reason+
		"\n\nThe attribute lag is null. Check the kafka attribute of the provider and the permissions of its user, or set include_lag to false.")
}
