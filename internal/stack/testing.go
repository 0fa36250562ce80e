package stack

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"testing"
)

// StateVariable is the environment variable with the state file of the stack that all tests share.
const StateVariable = "KAFKACONNECT_TEST_STACK"

// Start starts a stack for one test. The stack ends with the test.
func Start(t testing.TB, o Options) *Stack {
	t.Helper()
	if o.Log == nil {
		o.Log = t.Output()
	}
	s, err := Up(t.Context(), o)
	if err != nil {
		t.Fatalf("Unable to start a stack: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Down(context.Background()); err != nil {
			t.Errorf("Unable to take the stack down: %v", err)
		}
	})
	return s
}

// shared is the stack that [Shared] returns. It is nil before the first call.
var shared struct {
	sync.Mutex
	stack *Stack
	err   error
}

// Shared returns the stack that all tests share, with SASL_SSL and SSL listeners. [StateVariable] names it. If the variable
// is not set, the first call starts a stack that ends with this process. Tests must use unique names for connectors and
// topics, and must not stop its brokers and workers.
func Shared(t testing.TB) *Stack {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.stack == nil && shared.err == nil {
		shared.stack, shared.err = attachOrUp()
	}
	if shared.err != nil {
		t.Fatalf("Unable to get the shared stack: %v", shared.err)
	}
	return shared.stack
}

func attachOrUp() (*Stack, error) {
	if file := os.Getenv(StateVariable); file != "" {
		return Attach(file)
	}
	o := Options{SASLSSL: true, Log: io.Discard}
	if testing.Verbose() {
		o.Log = os.Stderr
	}
	return Up(context.Background(), o)
}

// Main runs the tests of a package and then takes down the stack that [Shared] started. It is for a TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(stack.Main(m)) }
//
// Without Main, or if the tests are interrupted, that stack ends with the process.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.stack == nil || shared.stack.Options.StateFile != "" {
		return code
	}
	if err := shared.stack.Down(context.Background()); err != nil {
		os.Stderr.WriteString(errors.Join(errors.New("unable to take the shared stack down"), err).Error() + "\n")
		return max(code, 1)
	}
	return code
}
