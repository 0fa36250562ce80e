// Package chaos holds the tests that let everything go wrong at once: the real Terraform CLI and the real provider,
// built once a run, change random connectors of real workers through the fault proxy of package stack, while workers and
// brokers are killed and started and the provider itself is killed. When the faults have ended, one apply has to converge
// and an empty plan to follow; and what the workers hold, asked without the proxy, has to be what was declared.
//
// `make test` runs a short form, `make chaos` the long one. The seed that each test prints repeats the declarations of a
// run; its faults and moments only as far as the requests come in the same order and as fast.
package chaos
