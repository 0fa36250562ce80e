package stack_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// victimVariable makes the test binary start a broker and then wait until it is killed, interrupted or panics.
const victimVariable = "KAFKACONNECT_TEST_VICTIM"

// victim starts a broker, prints the stack's description in one line and waits.
func victim() int {
	s, err := stack.Up(context.Background(), stack.Options{Workers: stack.NoWorkers})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		return 1
	}
	if os.Getenv(victimVariable) == "panic" {
		go func() { panic("like the timeout of go test") }()
	}
	time.Sleep(time.Hour)
	return 0
}

// The processes and files of a stack are removed however the process that started it ends.
func TestNothingOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*os.Process) error{
		"kill":      func(p *os.Process) error { return p.Kill() },
		"interrupt": func(p *os.Process) error { return p.Signal(os.Interrupt) },
		"panic":     func(*os.Process) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), victimVariable+"="+name)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("The process did not start a stack: %v: %s", err, line)
			}
			var s stack.Stack
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if name != "panic" && !s.Brokers[0].Running() {
				t.Fatal("The broker does not run.")
			}
			if err := end(cmd.Process); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil {
				t.Fatal("The process was not interrupted.")
			}
			eventually(t, "the broker has ended", func() bool { return !s.Brokers[0].Running() })
			eventually(t, "the folder is gone", func() bool { _, err := os.Stat(s.Folder); return os.IsNotExist(err) })
		})
	}
}

func TestFailedStartShowsTheLogAndLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	_, err := stack.Up(t.Context(), stack.Options{BrokerProperties: map[string]string{"num.partitions": "many"}})
	if err == nil || !strings.Contains(err.Error(), "Invalid value many for configuration num.partitions") {
		t.Errorf("error %v does not show what the broker logged", err)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}
