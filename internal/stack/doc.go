// Package stack runs real Apache Kafka (KRaft) and real Kafka Connect for the tests and for the demo.
//
// Both come from their Maven artifacts, resolved once per version into the user's cache folder, and run as child
// processes on loopback and on free ports. Every folder that they write to is a temporary one.
//
//   - [Start] gives a test a stack of its own, [Shared] the one that all tests of a run share.
//   - [Up] starts a stack without a test; with [Options.StateFile] it outlives the process, and [Attach] finds it again.
//   - [Stack] holds the brokers and workers. A [Broker] and a [Worker] can each be stopped, killed and started again,
//     on the same port and data.
//
// What was started always ends: with its test, with [Stack.Down], or with the process that started it, in whatever way
// that one ends (see tether). A JDK (17 or newer) and Maven are needed.
package stack
