// Package usage is what processes have used of the machine, and how the command meter passes it on.
package usage

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Environment variables of the command meter.
const (
	ProviderVariable = "BENCH_METER_PROVIDER" // the executable that it runs
	FileVariable     = "BENCH_METER_FILE"     // the file that it adds a line to
)

// Process is what one process has used.
type Process struct {
	CPU  time.Duration `json:"cpu"`  // user and system time
	Peak int64         `json:"peak"` // bytes of memory that it held at most (maximum resident set size)
}

// Of returns what a process that has ended has used, together with those of its children that it waited for.
func Of(state *os.ProcessState) Process {
	p := Process{CPU: state.UserTime() + state.SystemTime()}
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		p.Peak = int64(r.Maxrss) * maxrssUnit() //nolint:unconvert // 32 bits on some systems
	}
	return p
}

// maxrssUnit is the number of bytes that getrusage counts in.
func maxrssUnit() int64 {
	if runtime.GOOS == "darwin" {
		return 1
	}
	return 1024
}

// Note adds what the process has used to the file.
func Note(file string, state *os.ProcessState) error {
	line, err := json.Marshal(Of(state))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n')) // in one piece, since other processes add theirs
	return errors.Join(err, f.Close())
}

// Take returns what was noted in the file, and removes it. Without the file there was nothing.
func Take(file string) (list []Process, err error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var p Process
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, os.Remove(file)
}
