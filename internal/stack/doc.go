// Package stack runs real Apache Kafka (KRaft) and real Kafka Connect for the tests and the demo.
//
// Maven downloads both into the user's cache folder, once for each version. They run as child processes on free loopback
// ports and write to temporary folders only.
//
//   - [Start] starts a stack for one test. [Shared] returns the stack that all tests of a run share.
//   - [Up] starts a stack without a test. With [Options.StateFile] it outlives the process, and [Attach] opens it again.
//   - [Stack] holds the brokers and workers. Each [Broker] and [Worker] can be stopped, killed and started again, on the
//     same port and data.
//
// All processes end with their test, with [Stack.Down], or with the process that started them, also if that process is
// killed (see tether). A JDK (17 or newer) and Maven are needed.
package stack
