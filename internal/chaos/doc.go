// Package chaos tests the provider under many failures at the same time. The Terraform CLI runs the provider, as built for
// a release, and changes random connectors of real workers through the proxy of package stack. Meanwhile requests meet
// faults, workers and brokers are killed and restarted, and the provider is killed. When the failures have ended, one apply
// must converge and the next plan must be empty. The workers, queried without the proxy, must then match the declaration.
//
// `make test` runs a short form, `make chaos` the long form. Each test logs its seed. The same seed gives the same
// declarations. It gives the same failures only as far as requests have the same order and timing.
package chaos
