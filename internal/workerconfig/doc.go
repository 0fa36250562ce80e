// Package workerconfig renders the configuration of Kafka Connect workers as
// properties files and environment variables, and checks it. It is pure: it opens
// no file and no connection, and knows nothing of Terraform.
//
//   - [Distributed] and [Standalone] are the declared settings. Their Properties
//     methods return the rendered [Properties] and every [Problem].
//   - [Properties] are ordered lines. Encode renders them for a worker, Redacted
//     without their secrets.
//   - [Key] describes one worker setting. The catalogue of keys is generated from
//     Kafka's jars.
//
// Package javaformat has the properties format and JAAS.
package workerconfig
