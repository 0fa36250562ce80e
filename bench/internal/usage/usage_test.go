package usage_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/usage"
)

func TestAppendAndTake(t *testing.T) {
	file := filepath.Join(t.TempDir(), "usage")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$") // this test binary, running no test
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := usage.Append(file, cmd.ProcessState); err != nil {
			t.Fatal(err)
		}
	}
	got, err := usage.Take(file)
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	const mebibyte = 1 << 20
	if p := got[0]; p != got[1] || p.CPU <= 0 || p.Peak < mebibyte || p.Peak > 1024*mebibyte {
		t.Errorf("unlikely: %+v", got)
	}
	if again, err := usage.Take(file); err != nil || len(again) != 0 {
		t.Errorf("taken twice: %v, %v", again, err)
	}
}
