// Package internaltopic manages the internal topics of a Kafka Connect group: it reads, creates, alters and
// deletes them, and changes their partition count without losing a record. It knows nothing of Terraform.
//
// The types to know:
//
//   - [New] returns a [Client] for a [kafkaclient.Config]. It connects on first use.
//   - [Spec] is what is wanted of a topic, [State] is what there is ([Client.Inspect]).
//   - [Plan] and [PlanCreate] compare the two, purely, and answer with [Step]s; [Client.Apply] carries them out.
//   - Errors are asked by identity: [ErrNotFound], [ErrExists], [ErrGroupLive], [kafkaclient.ErrUnauthorized] and so on.
//
// # Changing the number of partitions
//
// A worker rebuilds its memory by reading every partition from the beginning, and for one key the record
// that it happens to read last wins. After a bare increase a key's old and new records lie in different
// partitions, and old ones win at random. A change is therefore a rebuild under two locks: the Connect
// group is held ([ErrGroupLive] when workers run), and the topic's cleanup policy is set to one that
// workers refuse to start on, which also marks the rebuild as unfinished should this process die.
//
// More partitions are made in place: the live content is written again, to where the new number of
// partitions puts it, read back and compared, and only then are the former records deleted. Fewer
// partitions need a second topic, named with [RebuildSuffix], that holds a verified copy while the topic is
// deleted and created again. Both can be cut short anywhere and are finished by the next [Client.Apply].
package internaltopic
