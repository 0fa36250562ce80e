// Package connectclient speaks the REST API of Apache Kafka Connect (2.8 to 4.x).
//
// The types to know:
//
//   - [Config] says where the workers are and how to reach them; [New] makes a [Client] of it.
//   - [Client] has one method an endpoint. Nouns read ([Client.Connector], [Client.Status],
//     [Client.Plugins]), verbs change ([Client.CreateConnector], [Client.PutConfig],
//     [Client.StopConnector]), and [Client.Await] waits until a change is in effect. Where many are read
//     or waited for at once, [Client.Look] and [Client.Await] ask for all of them in one request.
//   - [Error] is every answer that is not a success. It is asked by identity,
//     errors.Is(err, ErrNotFound), never by text.
//   - [WithSecrets] names values that must not appear in whatever an error or a stack trace says.
//
// Every method retries what is known to pass, such as rebalances, starting workers and refused
// connections, until its context ends, and only that. A write whose answer was lost is read back
// before anything is sent again, so that nothing is created, changed or deleted twice.
//
// The package knows nothing of Terraform and writes no logs: [Config.Observe] is told of every
// request.
package connectclient
