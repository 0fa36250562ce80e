// Package kafkaclient connects to a Kafka cluster with the settings that Java clients use.
//
// [Config] describes the cluster and the credentials; [ParseProperties] reads one from a client.properties file.
// [New] validates a Config and returns a [Client], which holds connected franz-go clients (kgo.Client and
// kadm.Client) and connects on first use. [Client.Connect] connects early and explains why it failed:
// [ErrUnreachable], [ErrUnauthenticated]. A [ConfigError] names the field at fault in snake case, so that a caller
// can point at the attribute.
//
// The package knows nothing of Terraform.
package kafkaclient
