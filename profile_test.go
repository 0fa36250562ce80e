package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProfile(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(profileVariable, folder)
	stop, err := startProfile()
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"cpu-*.pprof", "memory-*.pprof"} {
		files, _ := filepath.Glob(filepath.Join(folder, pattern))
		if len(files) != 1 {
			t.Fatalf("%s: %v", pattern, files)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Size() == 0 {
			t.Errorf("%s is empty: %v", files[0], err)
		}
	}
}
