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
//     while it is a member, and it cannot join while a worker is ([ErrGroupLive]). It first waits for workers to leave.
//     It stays a member for as long as a worker takes to start, because no broker shows a worker that has read the topic
//     and not yet joined. Before, it checks that the declared group is the right one ([ErrWrongGroup]).
//   - The topic lock: the cleanup policy of the topic is set to one with which workers refuse to start. It outlives the
//     process and marks the rebuild as unfinished.
//
// More partitions are added in place: the client writes the live records to their new partitions, reads them back,
// compares, and only then deletes the old records. For fewer partitions, a second topic, whose name ends in
// [RebuildSuffix], holds a verified copy while the topic is deleted and created. Both can be interrupted at any point,
// and the next [Client.Apply] finishes them.
//
// # The point of no return
//
// A rebuild changes the topic only when it adds the partitions or deletes the topic. Before that it does the following,
// and after a failure it deletes the copy and unlocks the topic, which is then as usable as before:
//
//   - It reads the records and checks that the topic accepts them, that workers wrote them, and that the brokers accept
//     its later requests as far as they validate them ([Client.Check], which a plan can call as well).
//   - It locks the topic and checks that nobody has written to it since.
//   - To add partitions, it rehearses: it writes some records again to their present partitions, and deletes no record up
//     to the present start. To remove partitions, it fills the copy, which has the settings of the topic.
//
// After that point the topic stays locked until an apply has finished the rebuild. A [RebuildError] says which of the two
// happened. A topic that is found locked, but in which every record is in the partition of its key, needs no rewriting and
// is unlocked, so that an apply with the previous partition count gives up a rebuild that had not yet changed the topic.
//
// # Which record of a key is live
//
// After a bare increase, or when a producer with old metadata still writes to the previous partitions, records of one key
// are in several partitions. Within a partition the later offset is the newer record: brokers append in order. Between
// partitions brokers know no order but the timestamps, so the newest timestamp wins. The partition alone decides nothing:
// the record in the key's present partition can be the older one, when the producer had old metadata, or when workers
// that were not stopped kept writing. The partition decides only between equal timestamps, which an interrupted rebuild
// leaves, because it writes records with the timestamps that they had. The timestamps of one key are comparable: a single
// task writes the offsets of a source partition, and the leader or the owner of a task writes the rest, one at a time.
package internaltopic
