package internaltopic

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// rig is the real broker that most tests share. It has an authorizer, a user without rights, a log cleaner that
// is always at work, and lets groups expire fast. PLAINTEXT clients may do everything.
var rig struct {
	sync.Once
	stack *stack.Stack
	err   error
}

// limitedUser has no right but those that a test gives it.
var limitedUser = stack.User{Name: "limited", Password: `li"mi\ted;`}

func realBroker(t testing.TB) *stack.Stack {
	t.Helper()
	rig.Do(func() {
		rig.stack, rig.err = stack.Up(context.Background(), stack.Options{
			Workers: stack.NoWorkers, SASLSSL: true, Authorizer: true, Log: io.Discard,
			Users: []stack.User{{Name: "admin", Password: "admin-password"}, limitedUser},
			BrokerProperties: map[string]string{
				"group.min.session.timeout.ms":    "500",
				"log.cleaner.backoff.ms":          "100",
				"log.retention.check.interval.ms": "500",
			},
		})
	})
	if rig.err != nil {
		t.Fatalf("Unable to start a broker: %v", rig.err)
	}
	return rig.stack
}

// takeRigDown ends the shared broker after the tests.
func takeRigDown(code int) int {
	if rig.stack == nil {
		return code
	}
	if err := rig.stack.Down(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "take the broker down:", err)
		return max(code, 1)
	}
	return code
}

var topicNumber atomic.Int64

// uniqueName returns a name that no other test uses.
func uniqueName(t testing.TB) string {
	t.Helper()
	plain := strings.NewReplacer("/", "-", "_", "-", "#", "-").Replace(t.Name())
	return fmt.Sprintf("%s-%d", plain, topicNumber.Add(1))
}

func newClient(t testing.TB, bootstrap string) *Client {
	t.Helper()
	c, err := New(kafkaclient.Config{BootstrapServers: strings.Split(bootstrap, ",")})
	if err != nil {
		t.Fatal(err)
	}
	c.leaveWait, c.startFloor = testLeaveWait, testStartFloor
	t.Cleanup(c.Close)
	return c
}

const (
	// testSession is how long the lock of a group outlives a killed child.
	testSession = time.Second
	// testLeaveWait and testStartFloor keep tests short in which no worker leaves or starts.
	testLeaveWait  = 100 * time.Millisecond
	testStartFloor = time.Millisecond
)
