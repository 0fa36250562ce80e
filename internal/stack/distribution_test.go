package stack

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Each script of the folder is a valid program, and a second folder does not replace the first one.
func TestDistribution(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "kafka")
	d := Distribution{Folder: folder, Log: t.Output()}
	if err := d.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name := range scripts {
		if out, err := exec.Command("sh", "-n", filepath.Join(folder, "bin", name)).CombinedOutput(); err != nil { //nolint:noctx // it only parses
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if jars, err := filepath.Glob(filepath.Join(folder, "libs", "connect-file-*.jar")); err != nil || len(jars) != 1 {
		t.Error(jars, err)
	} else if _, err := os.Stat(jars[0]); err != nil {
		t.Error(err)
	}
	if err := d.Write(t.Context()); err == nil {
		t.Error("the folder was written twice")
	}
}
