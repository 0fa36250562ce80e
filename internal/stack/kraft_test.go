package stack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// StorageTool of 4.2 and later writes another file than that of earlier versions. A broker gets the one that exists.
func TestFormatWritesBootstrapRecords(t *testing.T) {
	for _, name := range bootstrapFiles {
		jars, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
		file := filepath.Join(jars, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("records"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := format(data, jars, randomKafkaID(), 7); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{name: "records", "meta.properties": "node.id=7\n"} {
			if got, err := os.ReadFile(filepath.Join(data, path)); err != nil || !strings.Contains(string(got), want) {
				t.Errorf("%s contains %q, error %v", path, got, err)
			}
		}
	}
	if err := format(filepath.Join(t.TempDir(), "data"), t.TempDir(), randomKafkaID(), 7); err == nil {
		t.Error("a broker was formatted without bootstrap records")
	}
}

func TestVersionsWithZooKeeper(t *testing.T) {
	for version, want := range map[string]bool{"2.8.2": true, "3.2.3": true, "3.3.0": false, "3.9.2": false, "4.4.0": false} {
		if got := needsZooKeeper(version); got != want {
			t.Errorf("brokers of %s run with ZooKeeper: %t", version, got)
		}
	}
}
