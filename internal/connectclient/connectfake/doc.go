// Package connectfake is an in-memory Kafka Connect for tests.
//
//   - [New] starts a [Worker]; [Worker.Peer] starts another of the same cluster.
//   - [Worker.Inject] makes requests go wrong with an [Effect]: answers that no worker gives by
//     itself, connections that break before or after the request was carried out.
//   - [Worker.Requests] and [Worker.Count] tell what was asked.
//   - [Worker.Edit], [Worker.Remove], [Worker.Break] and the like change things behind the client's
//     back.
//
// What it answers, and how that differs between versions, was observed on real workers. The contract
// test of package connectclient runs the same cases against both.
package connectfake
