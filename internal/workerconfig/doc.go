// Package workerconfig turns the settings of a Kafka Connect worker into the
// files and environments that a worker starts from. It is pure: it opens no
// file and no connection, and knows nothing of Terraform.
//
// The types to know:
//
//   - [Distributed] and [Standalone] are what a user declares; their Properties
//     methods return the rendered [Properties] and every [Problem] found.
//   - [Properties] are ordered lines, rendered by Encode for a worker and by
//     Redacted for everything that must not hold a secret.
//   - [Key] is what the catalogue knows about one worker setting, generated from
//     Kafka's own jars.
//   - [JAAS] is the value of sasl.jaas.config, and [Encode] and [Decode] are the
//     properties format itself.
package workerconfig
