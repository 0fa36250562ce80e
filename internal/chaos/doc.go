// Package chaos holds the tests that let everything go wrong at once: the real Terraform CLI and the real provider,
// built once a run, change random connectors of real workers through the fault proxy of package stack, while workers and
// brokers are killed and started and the provider itself is killed. When the faults have ended, one apply has to converge
// and an empty plan to follow; and what the workers hold, asked without the proxy, has to be what was declared.
//
// `make test` runs a short form, `make chaos` the long one. Everything random follows from the seed that each test
// prints; `make chaos SEED=…` repeats the declarations, the faults and the moments of a run, though not how the requests
// of one apply overlap.
package chaos
