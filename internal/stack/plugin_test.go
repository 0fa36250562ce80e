package stack_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestCompilePlugin(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	properties, err := s.CompilePlugin(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{GroupID: "unruly-" + strings.ToLower(rand.Text()[:8]), Properties: properties})
	if err != nil {
		t.Fatal(err)
	}
	for fails, want := range map[string]string{
		"":           `"tasks":[{"id":0,"state":"RUNNING"`,
		"start":      `"connector":{"state":"FAILED"`,
		"task.start": `"tasks":[{"id":0,"state":"FAILED"`,
		"task.poll":  `"tasks":[{"id":0,"state":"FAILED"`,
	} {
		config := map[string]string{"connector.class": stack.UnrulySource, "fails": fails}
		createConnector(t, http.DefaultClient, w.URL, "c"+fails, config)
		eventually(t, fmt.Sprintf("%q shows %s", fails, want), func() bool {
			return strings.Contains(body(t, w.URL+"/connectors/c"+fails+"/status"), want)
		})
	}
}

// body is what a plain GET answers, whatever the status.
func body(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
