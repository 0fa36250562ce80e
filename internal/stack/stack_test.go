package stack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		os.Exit(victim())
	}
	os.Exit(stack.Main(m))
}

const (
	fileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	fileSink   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
)

// eventually polls the condition and fails the test when it has not become true within a minute.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("After a minute still not: %s", what)
		}
	}
}

// createConnector creates a connector through the REST API.
func createConnector(t *testing.T, client *http.Client, url, name string, config map[string]string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"name": name, "config": config})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "connector "+name+" is created", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/connectors", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		switch resp.StatusCode {
		case http.StatusCreated:
			return true
		case http.StatusConflict: // the group rebalances
			return false
		}
		t.Fatalf("POST %s: %s: %s", name, resp.Status, answer)
		return false
	})
}

// status returns the status of a plain GET.
func status(ctx context.Context, client *http.Client, url string, u stack.User) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	if u.Name != "" {
		req.SetBasicAuth(u.Name, u.Password)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// pipeline creates a file source and a file sink and returns both files. The sink writes the lines of the source.
func pipeline(t *testing.T, url, name string) (in, out string) {
	t.Helper()
	in, out = filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	appendLine(t, in, "first")
	createConnector(t, http.DefaultClient, url, name+"-source", map[string]string{"connector.class": fileSource, "file": in, "topic": name})
	createConnector(t, http.DefaultClient, url, name+"-sink", map[string]string{"connector.class": fileSink, "file": out, "topics": name})
	eventually(t, "the first line comes out", func() bool { return text(out) == "first\n" })
	return in, out
}

// appendLine appends a line to the file and returns the file's name.
func appendLine(t *testing.T, file, line string) string {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
	return file
}

func text(file string) string {
	b, _ := os.ReadFile(file)
	return string(b)
}

func TestConnectorsMoveLines(t *testing.T) {
	t.Parallel()
	pipeline(t, stack.Shared(t).URLs()[0], "lines")
}

// Brokers and workers keep their data and addresses when they are killed or stopped and started again.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{})
	in, out := pipeline(t, s.URLs()[0], "again")
	broker, worker := s.Brokers[0], s.Workers[0]
	for line, end := range map[string]func(*stack.Process) error{
		"after a kill": func(p *stack.Process) error { return p.Kill(t.Context()) },
		"after a stop": func(p *stack.Process) error { return p.Stop(t.Context()) },
	} {
		for _, p := range []*stack.Process{&worker.Process, &broker.Process} {
			if err := end(p); err != nil {
				t.Fatal(err)
			}
			if p.Running() {
				t.Fatalf("%s runs although it was ended", p.Name)
			}
		}
		for _, p := range []*stack.Process{&broker.Process, &worker.Process} {
			if err := p.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		appendLine(t, in, line)
		eventually(t, "the line comes out", func() bool { return strings.HasSuffix(text(out), line+"\n") })
	}
	if !strings.HasPrefix(text(out), "first\n") {
		t.Errorf("the first line is gone: %q", text(out))
	}
	if starts := strings.Count(worker.Log(), "Kafka Connect worker initializing"); starts != 3 {
		t.Errorf("%d starts in the worker's log, want 3", starts)
	}
}

func TestSeveralBrokersAndWorkers(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Brokers: 3, Workers: 2})
	if n := len(strings.Split(s.Bootstrap(), ",")); n != 3 {
		t.Errorf("%d bootstrap addresses, want 3", n)
	}
	if s.BootstrapSASL() != "" {
		t.Errorf("SASL_SSL addresses %s without the option", s.BootstrapSASL())
	}
	first, second := s.URLs()[0], s.URLs()[1]
	pipeline(t, first, "group")
	eventually(t, "the second worker knows the connector of the first", func() bool {
		code, err := status(t.Context(), http.DefaultClient, second+"/connectors/group-source", stack.User{})
		return err == nil && code == http.StatusOK
	})
	if err := s.Brokers[2].Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Brokers[2].Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}
