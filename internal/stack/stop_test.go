package stack_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

var (
	stops        = flag.Int("stops", 1, "how often TestStopBusyWorkers stops each worker")
	stopVersions = flag.String("stop-versions", "2.8.2,"+stack.DefaultVersion, "versions of the workers of TestStopBusyWorkers")
)

// A worker with running connectors and requests in flight stops cleanly after SIGTERM.
// "go test -run TestStopBusyWorkers ./internal/stack -v -stops 50" shows how long the stops take.
func TestStopBusyWorkers(t *testing.T) {
	t.Parallel()
	for version := range strings.SplitSeq(*stopVersions, ",") {
		for name, standalone := range map[string]bool{"distributed": false, "standalone": true} {
			t.Run(version+" "+name, func(t *testing.T) {
				t.Parallel()
				stopBusyWorker(t, version, standalone)
			})
		}
	}
}

func stopBusyWorker(t *testing.T, version string, standalone bool) {
	s, folder := stack.Shared(t), t.TempDir()
	name := "stop-" + strings.NewReplacer("/", "-", " ", "-").Replace(t.Name())
	o := stack.WorkerOptions{Version: version, Standalone: standalone, GroupID: name, Properties: map[string]string{
		"offset.storage.partitions": "1", "status.storage.partitions": "1",
	}}
	in := filepath.Join(folder, "in")
	appendLine(t, in, "first")
	var connectors []map[string]string
	for i := range 3 {
		config := map[string]string{"name": fmt.Sprintf("%s-%d", name, i), "connector.class": fileSource, "topic": name, "file": in}
		connectors = append(connectors, config)
		if standalone {
			o.Connectors = append(o.Connectors, writeFile(t, filepath.Join(folder, config["name"]), config))
		}
	}
	w, err := s.AddWorker(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range *stops {
		if i > 0 {
			if err := w.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		} else if !standalone {
			for _, config := range connectors {
				createConnector(t, http.DefaultClient, w.URL, config["name"], config)
			}
		}
		for _, config := range connectors {
			eventually(t, config["name"]+" runs", func() bool {
				return strings.Count(body(t, w.URL+"/connectors/"+config["name"]+"/status"), `"RUNNING"`) == 2
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		for _, config := range connectors {
			name := config["name"]
			keepRequesting(ctx, w.URL, http.MethodGet, "/connectors?expand=status&expand=info", "")
			keepRequesting(ctx, w.URL, http.MethodGet, "/connectors/"+name+"/status", "")
			if !standalone { // the herder of a standalone worker can wait for itself if it stops during a restart
				keepRequesting(ctx, w.URL, http.MethodPost, "/connectors/"+name+"/restart", "")
			}
			keepRequesting(ctx, w.URL, http.MethodPut, "/connector-plugins/FileStreamSource/config/validate", `{"connector.class":"`+fileSource+`","topic":"t"}`)
		}
		time.Sleep(300 * time.Millisecond)
		appendLine(t, in, "one more")
		began := time.Now()
		err := w.Stop(t.Context())
		cancel()
		t.Logf("stop %d took %.1f s", i+1, time.Since(began).Seconds())
		if err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d stops had requests in flight for longer than Jetty waits", strings.Count(w.Log(), "Requests were still in flight"))
	if log := w.Log(); strings.Count(log, "Kafka Connect stopped") != *stops {
		t.Errorf("the log does not have %d clean stops:\n%s", *stops, log)
	}
}

// keepRequesting sends one request after another until the context ends.
func keepRequesting(ctx context.Context, url, method, path, body string) {
	go func() {
		for ctx.Err() == nil {
			req, err := http.NewRequestWithContext(ctx, method, url+path, strings.NewReader(body))
			if err != nil {
				return
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}()
}
