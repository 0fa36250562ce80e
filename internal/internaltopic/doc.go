// Package internaltopic manages the internal topics of a Kafka Connect group: it reads, creates, alters and deletes
// them, and changes their partition count without losing a record. It knows nothing of Terraform.
//
//   - [New] returns a [Client] for a kafkaclient.Config. The client connects on first use.
//   - [Spec] is the desired topic, [State] is what the cluster holds ([Client.Inspect]).
//   - [Plan] and [PlanCreate] compare the two without any request and return [Step]s. [Client.Apply] executes them.
//   - Errors have an identity for errors.Is: [ErrNotFound], [ErrExists], [ErrGroupLive] and so on; those of the
//     connection are in package kafkaclient.
//
// # Changing the number of partitions
//
// A worker reads every partition of a storage topic from the beginning, and the last record that it reads for a key
// wins. A bare increase leaves the old records of a key in another partition than its new ones, so that old ones win
// at random. A change of the partition count is therefore a rebuild under two locks:
//
//   - The group lock: the client joins the Connect group itself, under another protocol type. Workers cannot join
//     while it is a member, and it cannot join while a worker is ([ErrGroupLive]).
//   - The topic lock: the cleanup policy of the topic is set to one with which workers refuse to start. It outlives the
//     process and marks the rebuild as unfinished.
//
// More partitions are added in place: the client writes the live records to their new partitions, reads them back,
// compares, and only then deletes the old records. For fewer partitions, a second topic, whose name ends in
// [RebuildSuffix], holds a verified copy while the topic is deleted and created. Both can be interrupted at any point,
// and the next [Client.Apply] finishes them.
package internaltopic
